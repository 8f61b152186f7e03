import { cpu, leaves, reference, type Backend, type DType, type Tensor } from 'bigrad';
import { close } from './close.js';
import type { Source } from './arbitraries.js';

/** Largest difference between devices that sum in different orders. */
export const tolerance = (dtype: DType): number => (dtype === 'float32' ? 2e-6 : 1e-12);

/** Asserts that `f` gives the same on the cpu device as on the reference device. */
export function agree(
  inputs: readonly Source[],
  f: (...xs: Tensor[]) => unknown,
  dtype: DType = 'float64',
  devices: readonly [Backend, Backend] = [cpu, reference],
): void {
  const [got, expected] = devices.map((device) => leaves(f(...inputs.map((x) => x.make(device)))));
  got!.forEach((x, i) => {
    close(x, expected![i]!, tolerance(dtype), `result ${i}`);
  });
}

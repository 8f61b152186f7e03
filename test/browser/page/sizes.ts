import { add, fromTypedArray, ones } from 'bigrad';
import { gpu, type Mode } from 'bigrad/gpu';

/**
 * The sizes of which a tensor is not read as it was made, or its sum with 1 is wrong, on a device
 * that keeps 2 kernels.
 */
export async function wrongSizes(mode: Mode, sizes: readonly number[]): Promise<number[]> {
  const device = await gpu({ mode, kernels: 2 });
  const wrong: number[] = [];
  for (const size of sizes) {
    const data = Float32Array.from({ length: size }, (_, i) => (i % 5) + 1);
    const x = fromTypedArray(data, [size], { device });
    const [same, more] = [await x.read(), await add(x, ones([size], { device })).read()];
    const good =
      same.length === size && more.length === size && data.every((v, i) => same[i] === v && more[i] === v + 1);
    if (!good) wrong.push(size);
  }
  device.dispose();
  return wrong;
}

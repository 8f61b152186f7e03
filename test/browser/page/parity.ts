import { cpu, reference } from 'bigrad';
import { gpu, type Mode } from 'bigrad/gpu';
import { parity } from 'bigrad/testing';

/** How many comparisons of the op table, derivatives included, agree with the reference device. */
export async function parityOf(mode: Mode | 'bigrad'): Promise<number> {
  if (mode === 'bigrad') return parity(reference, cpu);
  const device = await gpu({ mode });
  try {
    return await parity(reference, device);
  } finally {
    device.dispose();
  }
}

import { cpu, reference } from 'bigrad';
import { gpu, type GpuOptions } from 'bigrad/gpu';
import { parity } from 'bigrad/testing';

/**
 * How many comparisons of the op table (or of the ops named), derivatives included, agree with the
 * reference device.
 */
export async function parityOf(options: GpuOptions | 'cpu device', ops?: string[]): Promise<number> {
  if (options === 'cpu device') return parity(reference, cpu, ops);
  const device = await gpu(options);
  try {
    return await parity(reference, device, ops);
  } finally {
    device.dispose();
  }
}

import { gpu, type Device, type Mode } from 'bigrad/gpu';

/** Modes that run on every machine. */
export const always: readonly Mode[] = ['cpu', 'webasm'];
/**
 * The modes tested in Node: those, webgpu where a driver is present, and headlessgl where the
 * package gl is built and an X server runs.
 */
export const modes: readonly Mode[] = [...always, 'webgpu', 'headlessgl'];
/** Whether a driver computes. */
export const isGpu = (mode: Mode): boolean => !always.includes(mode);

const missing = new Set<Mode>();

/**
 * A device of the test's own; where the mode is missing the test is skipped, and a line says so,
 * once.
 */
export async function ownDevice(mode: Mode, test: Mocha.Context): Promise<Device> {
  try {
    return await gpu({ mode });
  } catch (error) {
    if (!isGpu(mode)) throw error;
    if (!missing.has(mode)) console.log(`      not run on ${mode}: ${(error as Error).message}`);
    missing.add(mode);
    return test.skip();
  }
}

const started = new Map<Mode, Device>();

/** As `ownDevice`, shared by tests that do not count what is alive. */
export async function deviceFor(mode: Mode, test: Mocha.Context): Promise<Device> {
  const device = started.get(mode) ?? (await ownDevice(mode, test));
  started.set(mode, device);
  return device;
}

import { cpu, leaves, type Backend } from 'bigrad';
import type { Device } from 'bigrad/gpu';

/**
 * What networks can be trained on: bigrad's own cpu device, or a mode of bigrad/gpu; gpu-cpu is the
 * mode that GPU.js calls cpu.
 */
export const DEVICES = ['cpu', 'webgpu', 'headlessgl', 'webasm', 'gpu-cpu', 'auto'] as const;
export type DeviceName = (typeof DEVICES)[number];

/** A device that is not available here, said in one line. */
export class DeviceError extends Error {
  override readonly name = 'DeviceError';
}

/** A device in use. */
export interface Opened {
  readonly device: Backend;
  /** As in DEVICES, but never auto: the mode that runs. */
  readonly name: string;
  /** The GPU, driver or engine; null for bigrad's own device. */
  readonly adapter: string | null;
  close(): void;
}

/**
 * Opens a device by name; bigrad/gpu is loaded only where it is asked for. Throws a DeviceError
 * that names the cure.
 */
export async function openDevice(name: DeviceName): Promise<Opened> {
  if (name === 'cpu') return { device: cpu, name, adapter: null, close: () => undefined };
  try {
    const { gpu } = await import('bigrad/gpu');
    const device = await gpu({ mode: name === 'gpu-cpu' ? 'cpu' : name });
    const { mode, adapter } = device.describe();
    return {
      device,
      name: mode === 'cpu' ? 'gpu-cpu' : mode,
      adapter,
      close: () => {
        device.dispose();
      },
    };
  } catch (cause) {
    throw new DeviceError((cause as Error).message, { cause });
  }
}

/** True for a device that has to be told which memory is free. */
export const isGpu = (device: Backend): device is Device => 'scope' in device;

/** Runs `fn`; what it made on a GPU device is released, but for what it returns. */
export const scoped = <T>(device: Backend, fn: () => T): T => (isGpu(device) ? device.scope(fn) : fn());

/** Waits until a tree is computed by a device that works while the program goes on. */
export async function computed(tree: unknown): Promise<void> {
  await Promise.all(leaves(tree).map((x) => x.read()));
}

import { add, cast, full, ones, tensor, to, zeros } from 'bigrad';
import { gpu, type DeviceFacts, type Mode } from 'bigrad/gpu';

/** What a call throws or rejects with; '' where it does neither. */
async function said(call: () => unknown): Promise<string> {
  try {
    await call();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

/** What can be read how, and what is refused. */
export async function reading(mode: Mode) {
  const device = await gpu({ mode });
  const x = add(tensor([1, 2], { device }), 1);
  const found = {
    read: Array.from(await x.read()),
    atOnce: await said(() => x.readSync()),
    number: Array.from(full([2], 3, { device }).readSync()),
    empty: (await zeros([0, 3], { device }).read()).length,
    upload64: await said(() => to(ones([2], { dtype: 'float64' }), device)),
    read64: await said(() => cast(ones([2], { device }), 'float64').read()),
    otherDevice: await said(() => add(x, ones([2]))),
  };
  device.dispose();
  return { ...found, disposed: await said(() => x.read()) };
}

/** What a device of a mode says of itself, or why there is none. */
export async function facts(mode: Mode | 'auto'): Promise<DeviceFacts | string> {
  try {
    const device = await gpu({ mode });
    const found = device.describe();
    device.dispose();
    return found;
  } catch (error) {
    return (error as Error).message;
  }
}

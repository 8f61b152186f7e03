import { isFloat } from './dtype.js';
import { checkReadable, Tensor, type Backend, type Node, type Spec } from './tensor.js';

// The only doors through which storage gets into a tensor, and out of one. Lint forbids
// `new Tensor` elsewhere in `src`, so that no device misses that two tensors see one storage.

/** A tensor of storage that no other tensor has: what an op, an upload or a plan has just made. */
export const owning = (
  { shape, dtype }: Spec,
  device: Backend,
  storage: unknown,
  node: Node | null = null,
  output = 0,
) => new Tensor(shape, dtype, device, storage, nodeFor(dtype, node), output);

/**
 * Another tensor of the same value, with a history of its own. The device is told, since two
 * tensors have one storage from now on.
 */
export function sharing(who: string, x: Tensor, node: Node | null, output = 0): Tensor {
  checkReadable(who, x);
  x.device.share?.(x);
  return new Tensor(x.shape, x.dtype, x.device, x.storage, nodeFor(x.dtype, node), output);
}

/**
 * What an op of the device is given to read; it must not outlive the call, since its storage
 * belongs to a plan or to the arguments of one.
 */
export const lent = ({ shape, dtype }: Spec, device: Backend, storage: unknown): Tensor =>
  new Tensor(shape, dtype, device, storage);

/** The same value without its history. */
export const detach = (x: Tensor, who = 'stopGradient'): Tensor => (x.node ? sharing(who, x, null) : x);

/** Takes a tensor's storage away for good: its new owner may write into it. */
export function takeAway(x: Tensor): void {
  // For all others it is readonly: a tensor changes at no other time.
  (x as { storage: unknown }).storage = null;
}

/** Integers carry no derivatives, and no node. */
const nodeFor = (dtype: Tensor['dtype'], node: Node | null): Node | null => (isFloat(dtype) ? node : null);

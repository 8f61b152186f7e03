import type { Shape } from '../core/shape.js';
import type { BatchCall, Tensor } from '../core/tensor.js';
import { reshape, transpose } from './movement.js';

/** Shapes of the three tensors of a convolution; see `ConvAttrs`. */
interface Shapes {
  readonly groups: number;
  readonly x: Shape;
  readonly w: Shape;
  readonly y: Shape;
}
type Role = 'x' | 'w' | 'y';

/**
 * A rule for `vmap` of an op of the family of convolutions, by what its inputs and its result are.
 * Examples with the same filters are more images. Examples with filters of their own are groups of
 * channels.
 */
export const convBatch =
  (roles: readonly [Role, Role], result: Role) =>
  <I extends readonly Tensor[], A extends Shapes>(call: BatchCall<I, A>): readonly Tensor[] => {
    const own = result === 'w' || call.batched[roles.indexOf('w')] === true;
    return (own ? asGroups : asImages)(call, roles, result);
  };

/** [size, n, ...] and [size n, ...]. */
const times = (shape: Shape, size: number): number[] => [shape[0]! * size, ...shape.slice(1)];

function asImages<I extends readonly Tensor[], A extends Shapes>(
  { ins, size, attrs, run }: BatchCall<I, A>,
  roles: readonly Role[],
  result: Role,
): readonly Tensor[] {
  const { x, y } = attrs;
  const flat = ins.map((t, i) => (roles[i] === 'w' ? t : reshape(t, times(attrs[roles[i]!], size))));
  const all = run(flat, { ...attrs, x: times(x, size), y: times(y, size) });
  return all.map((t) => reshape(t, [size, ...attrs[result]]));
}

function asGroups<I extends readonly Tensor[], A extends Shapes>(
  { ins, batched, size, attrs, all, run }: BatchCall<I, A>,
  roles: readonly Role[],
  result: Role,
): readonly Tensor[] {
  // Where all examples have one x, one group of channels is enough: only y has more of them.
  const at = roles.indexOf('x');
  const oneX = at >= 0 && batched[at] !== true && attrs.groups === 1;
  const wide = ([n, c, h, w]: Shape) => [n!, c! * size, h!, w!];
  const given = oneX ? ins.map((t, i) => (i === at ? t : all()[i]!)) : all();
  const flat = given.map((t, i) => {
    if (oneX && i === at) return t;
    return roles[i] === 'w'
      ? reshape(t, times(attrs.w, size))
      : reshape(transpose(t, [1, 0, 2, 3, 4]), wide(attrs[roles[i]!]));
  });
  const outs = run(flat, {
    ...attrs,
    groups: oneX ? 1 : attrs.groups * size,
    x: oneX ? attrs.x : wide(attrs.x),
    w: times(attrs.w, size),
    y: wide(attrs.y),
  });
  const [n, c, ...plane] = attrs[result];
  if (result === 'w') return outs.map((t) => reshape(t, [size, ...attrs.w]));
  // A row-major copy, since kernels take it in whole runs and whatever follows is faster with it.
  return outs.map((t) => {
    const examples = transpose(reshape(t, [n!, size, c!, ...plane]), [1, 0, 2, 3, 4]);
    return reshape(reshape(examples, times([n!, c!, ...plane], size)), [size, n!, c!, ...plane]);
  });
}

import { add, Tensor, vjp, zerosLike, type Backend } from 'bigrad';
import type { AnyOp, Spec } from 'bigrad/extend';

// A prototype of forward mode, to measure what it would save. A tensor of its device has a value
// and a tangent, which are tensors of the device beneath. It knows nothing of stopGradient,
// customVjp and checkpoint, whose rules live in histories.

/** The storage of a tensor with a tangent; none where it is zero. */
interface Dual {
  readonly value: Tensor;
  readonly tangent: Tensor | undefined;
}

/** Linear in each of their inputs of floats; views are too. */
const LINEAR = new Set(
  'sum matmul conv2d conv2dInput conv2dWeight concat take takeAdjoint poolGather poolScatter cast'.split(' '),
);

const dualOf = (x: Tensor): Dual => x.storage as Dual;

/** How many devices have begun: an op runs on the latest. */
let moment = Number.MAX_SAFE_INTEGER / 2;

/** What `f` gives at x, and its derivative along v, both at once. */
export function forward(f: (xs: Tensor[]) => Tensor[], xs: readonly Tensor[], vs: readonly Tensor[]) {
  const base = xs[0]!.device;
  const onBase = ({ shape, dtype }: Spec, storage: unknown): Tensor => new Tensor(shape, dtype, base, storage);
  const run = (op: AnyOp, ins: readonly Tensor[], outs: readonly Spec[], attrs: unknown): Tensor[] =>
    base.run(op, ins, outs, attrs).map((storage, i) => onBase(outs[i]!, storage));
  const dual = (value: Tensor, tangent?: Tensor): Tensor =>
    new Tensor(value.shape, value.dtype, device, { value, tangent });
  const here = (x: Tensor): Tensor => (x.device === device ? x : device.adopt!(x));
  // A trace beneath takes in what f captures, and directions.
  const taken = (x: Tensor): Tensor => (x.device === base ? x : base.adopt!(x));
  const device: Backend = {
    name: `tangents on ${base.name}`,
    since: moment++,
    run: (op, ins, outs, attrs) => {
      const values = ins.map((x) => dualOf(x).value);
      const results = run(op, values, outs, attrs);
      const tangents = tangentsOf({ op, ins, values, outs, attrs, results }, run);
      return results.map((value, i): Dual => ({ value, tangent: tangents[i] }));
    },
    upload: (data, shape): Dual => {
      const dtype = data instanceof Float64Array ? 'float64' : data instanceof Float32Array ? 'float32' : 'int32';
      return { value: onBase({ shape, dtype }, base.upload(data, shape)), tangent: undefined };
    },
    adopt: (x) => {
      const storage: Dual = { value: onBase(x, taken(x).storage), tangent: undefined };
      return new Tensor(x.shape, x.dtype, device, storage, x.node, x.output);
    },
    read: (x) => dualOf(x).value.read(),
    readSync: (x) => dualOf(x).value.readSync(),
  };
  const ys = f(xs.map((x, i) => dual(x, taken(vs[i]!)))).map(here);
  return ys.map((y) => {
    const { value, tangent } = dualOf(y);
    return [value, tangent ?? zerosLike(value)] as const;
  });
}

interface Ran {
  readonly op: AnyOp;
  readonly ins: readonly Tensor[];
  readonly values: readonly Tensor[];
  readonly outs: readonly Spec[];
  readonly attrs: unknown;
  readonly results: readonly Tensor[];
}
type Run = (op: AnyOp, ins: readonly Tensor[], outs: readonly Spec[], attrs: unknown) => readonly Tensor[];

/** The derivative of each result along the tangents of the inputs. */
function tangentsOf(ran: Ran, run: Run): readonly (Tensor | undefined)[] {
  const { op, ins, values, outs, attrs, results } = ran;
  const tangents = ins.map((x) => dualOf(x).tangent);
  if (op.vjp === null || tangents.every((t) => t === undefined)) return [];
  const total = (parts: readonly (Tensor | undefined)[]): Tensor | undefined =>
    parts.reduce((a, b) => (a && b ? add(a, b) : (a ?? b)), undefined);
  if (op.name === 'concat')
    return run(
      op,
      values.map((x, i) => tangents[i] ?? zerosLike(x)),
      outs,
      attrs,
    );
  const alone = (i: number, t: Tensor): Tensor => run(op, values.with(i, t), outs, attrs)[0]!;
  if (op.view || LINEAR.has(op.name)) return [total(tangents.map((t, i) => t && alone(i, t)))];
  const { vjp: rules } = op;
  const rule = (i: number, gs: readonly (Tensor | null)[]): Tensor | undefined =>
    typeof rules === 'function' ? rules(gs[0]!, i, values, attrs) : rules[i]?.(gs, values, attrs, results);
  // The derivative of an elementwise op is a diagonal, which is its own transpose.
  if (op.scalar) return [total(tangents.map((t, i) => t && rule(i, [t])))];
  // Others by the transpose of their rules, which are linear in the cotangents.
  const zeros = results.map((y) => (y.dtype === 'int32' ? null : zerosLike(y)));
  const floats = zeros.flatMap((z) => (z ? [z] : []));
  const parts = tangents.flatMap((t, i) => {
    const [, push] = vjp((gs: Tensor[]) => {
      let k = 0;
      return (
        rule(
          i,
          zeros.map((z) => z && gs[k++]!),
        ) ?? zerosLike(values[i]!)
      );
    }, floats);
    return t ? [push(t)] : [];
  });
  let k = 0;
  return zeros.map((z) => {
    if (!z) return undefined;
    const at = k++;
    return total(parts.map((part) => part[at]));
  });
}

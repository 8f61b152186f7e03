import { replay } from '../compile/index.js';
import { runOp } from '../core/op.js';
import type { Backend, BatchCall, Loop, OpSpec, Spec, Tensor } from '../core/tensor.js';
import { transpose, where, zerosLike } from '../ops/index.js';
import { examplesOf } from '../transforms/examples.js';
import { traceBody } from './body.js';

/**
 * A loop as one op: values only, since histories live above (see `loop`). Its attributes are a
 * function, by which a program tells one loop from another.
 */
export const scanOp: OpSpec<readonly Tensor[], () => BodyLoop> = {
  name: 'scan',
  infer: (_, attrs) => {
    const { program, carried, length } = attrs();
    return program.outputs.map((id, k): Spec => {
      const { shape, dtype } = program.values[id]!;
      return { shape: k < carried ? shape : [length, ...shape], dtype };
    });
  },
  loop: (attrs) => attrs(),
  batch: (call) => batchOf(call),
  vjp: null,
};

/** A loop, and the device that its body is for. */
export interface BodyLoop extends Loop {
  readonly device: Backend;
}

/**
 * The loop of the body over a batch. Each example carries its own. Where a guard differs among the
 * examples and lets some of them run, steps are made for all, and change only those.
 */
function batchOf({ ins, batched, size, attrs, all }: BatchCall<readonly Tensor[], () => BodyLoop>): readonly Tensor[] {
  const { device, program, carried, sliced, ...rest } = attrs();
  const differs = rest.guarded === true && batched[carried + sliced] === true;
  const whole = all();
  const given = ins.map((x, k) => {
    if (k < carried) return whole[k]!;
    return k < carried + sliced && batched[k] ? swapped(x) : x;
  });
  const { program: body, captured } = traceBody(device, 'scan', (inside) => {
    const inputs = program.inputs.map((id, k) => {
      const { shape, dtype } = program.values[id]!;
      return inside.input({ shape: k < carried || batched[k] ? [size, ...shape] : shape, dtype });
    });
    const examples = examplesOf(size, inputs[0]!.device, false);
    const own = inputs.map((x, k) => (k < carried || batched[k] ? examples.enter(x) : examples.share(x)));
    const chosen = (y: Tensor, k: number): Tensor =>
      differs ? where(own[carried + sliced]!, y, k < carried ? own[k]! : zerosLike(y)) : y;
    const made = replay(program, device, own, inputs[0]!.device).map(chosen);
    const outputs = made.map((y) => examples.leave(y));
    examples.close();
    return { inputs, outputs, parts: null };
  });
  const loop = { ...rest, device, program: body, carried, sliced };
  return runOp(scanOp, [...given, ...captured], () => loop).map((y, k) => (k < carried ? y : swapped(y)));
}

/** x with its first two axes in the other order. */
const swapped = (x: Tensor): Tensor => transpose(x, [1, 0, ...x.shape.slice(2).map((_, i) => i + 2)]);

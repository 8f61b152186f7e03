import { runOp } from '../core/op.js';
import { lent } from '../core/storage.js';
import type { Backend, Id, Program, Tensor } from '../core/tensor.js';

/**
 * The ops of a program once more, on other inputs. Its constants are of `device`; `where` runs ops
 * that have no inputs.
 */
export function replay(program: Program, device: Backend, inputs: readonly Tensor[], where = device): Tensor[] {
  const known = new Map<Id, Tensor>();
  for (const [id, storage] of program.constants) known.set(id, lent(program.values[id]!, device, storage));
  program.inputs.forEach((id, k) => known.set(id, inputs[k]!));
  for (const { op, ins, outs, attrs } of program.calls) {
    const made = runOp(
      op,
      ins.map((id) => known.get(id)!),
      attrs,
      ins.length === 0 ? where : undefined,
    );
    outs.forEach((id, i) => known.set(id, made[i]!));
  }
  return program.outputs.map((id) => known.get(id)!);
}

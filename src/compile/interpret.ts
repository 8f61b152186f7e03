import { countBy } from '../core/count.js';
import { BYTES } from '../core/dtype.js';
import { sizeOf } from '../core/shape.js';
import { lent } from '../core/storage.js';
import type { Backend, Id, Plan, Program, Spec, Tensor } from '../core/tensor.js';

/** The plan of a device that makes none of its own: one op after the other. */
export function interpret(program: Program, device: Backend): Plan {
  const tensor = (id: Id, storage: unknown): Tensor => lent(program.values[id]!, device, storage);
  return {
    stats: {
      steps: program.calls.length,
      ops: countBy(program.calls.map(({ op }) => op.name)),
      buffers: program.values.length,
      bytes: 0,
    },
    steps: () =>
      program.calls.map(({ op, ins, outs, attrs }) => {
        const [from, to] = [ins, outs].map((ids) => ids.map((id) => program.values[id]!)) as [Spec[], Spec[]];
        const bytes = [...from, ...to].reduce((n, { shape, dtype }) => n + sizeOf(shape) * BYTES[dtype], 0);
        return { calls: [{ op, ins: from, outs: to, attrs }], ins: from, outs: to, bytes };
      }),
    run: (
      inputs,
      _,
      each = (_step, run) => {
        run();
      },
    ) => {
      const known = new Map<Id, Tensor>();
      for (const [id, storage] of program.constants) known.set(id, tensor(id, storage));
      program.inputs.forEach((id, i) => known.set(id, tensor(id, inputs[i])));
      program.calls.forEach(({ op, ins, outs, attrs }, step) => {
        each(step, () => {
          const storages = device.run(
            op,
            ins.map((id) => known.get(id)!),
            outs.map((id) => program.values[id]!),
            attrs,
          );
          outs.forEach((id, i) => known.set(id, tensor(id, storages[i])));
        });
      });
      return program.outputs.map((id) => known.get(id)!.storage);
    },
  };
}

import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { fromFront, isSequence, NotExpressible, numbersOf } from '../node.js';
import type { Call, Outer, Structure, Value } from '../node.js';

const int = (value: number): Tensor => b.tensor(value, { dtype: 'int32' });
const isTensor = (value: Value): value is Tensor => value !== undefined && !isSequence(value);

/** One of two graphs, by `cond`. What they read is an argument of it, so that only one runs. */
const choice: Structure = (call, condition) => {
  const side = (name: string) => (outer: Outer) => call.graph(name, outer)();
  return b.cond(b.reshape(condition as Tensor, []), side('then_branch'), side('else_branch'), call.outer);
};

/** How often a loop runs at most, and its first condition; absent, a condition always holds. */
interface Limits {
  readonly most: number;
  readonly on: Tensor | undefined;
}

/** A loop without rows: `whileLoop` on the step, the condition, and what is carried. */
function carried(call: Call, { most, on }: Limits, start: readonly Tensor[]): readonly Tensor[] {
  const body = call.graph('body');
  const step = ([i, goes, ...values]: Tensor[]): Tensor[] => {
    const [again, ...next] = body(i, goes, ...values) as Tensor[];
    return [b.add(i!, 1), on ? b.reshape(again!, []) : goes!, ...next];
  };
  const first = [int(0), on ?? int(1), ...start];
  return b.whileLoop<Tensor[]>(([, goes]) => goes!, step, first, { maxSteps: most }).slice(2);
}

/** A loop whose rows are stacked, or that carries sequences: how many there are follows from it. */
function gathering(call: Call, { most, on }: Limits, start: readonly Value[]): readonly Value[] {
  const body = call.graph('body');
  const rows: Tensor[][] = [];
  let [goes, values] = [on ?? int(1), start];
  for (let i = 0; i < most && numbersOf(goes)[0] !== 0; i++) {
    const [again, ...next] = body(int(i), goes, ...values);
    values = next.slice(0, start.length);
    rows.push(next.slice(start.length) as Tensor[]);
    if (on) goes = again as Tensor;
  }
  if (rows.length === 0) throw new NotExpressible('a loop that makes no step and has rows');
  return [...values, ...rows[0]!.map((_, k) => b.stack(rows.map((row) => row[k]!)))];
}

const loop: Structure = (call, trips, condition, ...start) => {
  const most = isTensor(trips) ? numbersOf(trips)[0]! : Number.MAX_SAFE_INTEGER;
  const on = isTensor(condition) ? b.reshape(condition, []) : undefined;
  if (!isTensor(trips) && !on) throw new NotExpressible('a loop without an end');
  if (call.asked.length > start.length || !start.every(isTensor)) return gathering(call, { most, on }, start);
  return most > 0 ? carried(call, { most, on }, start) : start;
};

/** Another order of the axes: one of them is moved. */
function moved(x: Tensor, from: number, to: number): Tensor {
  const order = [...x.shape.keys()].filter((axis) => axis !== from);
  return b.transpose(x, order.toSpliced(to, 0, from));
}

/** `scan` along an axis of each input; rows of results come in either order too. */
function scanned(call: Call, ins: readonly Tensor[]): readonly Tensor[] {
  const many = ins.length - call.int('num_scan_inputs', 1);
  const list = (name: string, i: number): number => call.ints(name)?.[i] ?? 0;
  const turned = (x: Tensor, name: string, i: number): Tensor => (list(name, i) === 1 ? b.flip(x, 0) : x);
  const directions = call.opset < 9 ? 'directions' : 'scan_input_directions';
  const xs = ins.slice(many).map((x, i) => {
    const axis = fromFront(list('scan_input_axes', i), x.shape.length);
    return turned(moved(x, axis, 0), directions, i);
  });
  const body = call.graph('body');
  const step = (carry: Tensor[], slices: Tensor[]): [Tensor[], Tensor[]] => {
    const outs = body(...carry, ...slices) as Tensor[];
    return [outs.slice(0, many), outs.slice(many)];
  };
  const [last, rows] = b.scan(step, ins.slice(0, many), xs);
  const placed = rows.map((y, i) => {
    const axis = fromFront(list('scan_output_axes', i), y.shape.length);
    return moved(turned(y, 'scan_output_directions', i), 0, axis);
  });
  return [...last, ...placed];
}

/** Before version 9 everything has an axis of examples in front, and rows may be shorter. */
const scan: Structure = (call, ...ins) => {
  if (call.opset >= 9) return scanned(call, ins as Tensor[]);
  const [lengths, ...given] = ins as [Tensor | undefined, ...Tensor[]];
  const length = given.at(-1)!.shape[1];
  if (lengths && numbersOf(lengths).some((n) => n !== length)) throw new NotExpressible('no rows of several lengths');
  return b.vmap((...example: Tensor[]) => scanned(call, example))(...given);
};

/** Operators that run graphs: `cond`, `whileLoop` and `scan`. */
export const control: Readonly<Record<string, Structure>> = { If: choice, Loop: loop, Scan: scan };

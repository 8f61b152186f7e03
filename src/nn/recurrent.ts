import { count, flag, type Check } from '../core/check.js';
import { checkAlike, checkFloat, checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { sameShape } from '../core/shape.js';
import { isPlain } from '../core/plain.js';
import type { Tensor } from '../core/tensor.js';
import { kindOf, show } from '../core/words.js';
import { scan, type ScanOptions } from '../control/index.js';
import { add, checkKey, like, matmul, mul, sigmoid, split, splitKey, sub, tanh, transpose } from '../ops/index.js';
import { checkTensors, held } from './check.js';
import { uniform } from './initializers.js';
import { initChecks, type InitOptions, type Layer } from './layer.js';

/** Parameters of `gru` and `lstm`: their gates one below the other, in PyTorch's order. */
export interface RecurrentParams {
  /** [gates hidden, in] */
  readonly inputWeight: Tensor;
  /** [gates hidden, hidden] */
  readonly hiddenWeight: Tensor;
  /** [gates hidden] */
  readonly inputBias?: Tensor;
  /** [gates hidden] */
  readonly hiddenBias?: Tensor;
}

/** How a recurrent layer goes along its rows. */
export interface RecurrentOptions extends Pick<ScanOptions, 'checkpoint' | 'reverse'> {
  /** Whether it has biases; true by default. */
  readonly bias?: boolean;
}

/** A layer that goes along rows, and carries a state from each to the next. */
export interface RecurrentLayer<S> extends Layer<RecurrentParams> {
  /** Gives the output of each row, [..., length, hidden], and the last state. */
  run(params: RecurrentParams, x: Tensor, state?: S): [y: Tensor, state: S];
}

/** State of `lstm`. */
export interface LstmState {
  /** What it gave last, [..., hidden]. */
  readonly hidden: Tensor;
  /** What it keeps to itself, [..., hidden]. */
  readonly cell: Tensor;
}

const aSegment: Check<boolean | number> = (who, name, value) =>
  (typeof value === 'number' ? count : flag)(who, name, value);

/** What is particular to a kind of recurrent layer. */
interface Kind<S> {
  readonly name: string;
  readonly gates: number;
  start(zeros: Tensor): S;
  /** The tensors of a caller's state, each checked by `check`, without what stands beside them. */
  checked(state: S, check: (name: string, x: unknown) => void): S;
  hidden(state: S): Tensor;
  /** The next state, from what the row and what the state adds to the gates. */
  next(row: readonly Tensor[], recurrent: readonly Tensor[], state: S): S;
}

/** [..., a, b] with axis -2 in front, or back where it was. */
const toFront = (x: Tensor): Tensor => {
  const rank = x.shape.length;
  return transpose(x, [rank - 2, ...[...x.shape.keys()].filter((i) => i !== rank - 2)]);
};
const fromFront = (x: Tensor): Tensor => {
  const rank = x.shape.length;
  return transpose(x, [...[...x.shape.keys()].slice(1, rank - 1), 0, rank - 1]);
};

function recurrent<S>(kind: Kind<S>, inputs: number, hidden: number, options: RecurrentOptions): RecurrentLayer<S> {
  const { name, gates } = kind;
  const { bias = true, ...along } = checkOptions(name, options, { bias: flag, reverse: flag, checkpoint: aSegment });
  const rows = gates * count(name, 'hidden', hidden);
  const shapes = { inputWeight: [rows, count(name, 'in', inputs)], hiddenWeight: [rows, hidden] };
  const biases = { inputBias: [rows], hiddenBias: [rows] };
  const run = (params: RecurrentParams, x: Tensor, before?: S): [Tensor, S] => {
    checkTensors(name, params, { ...shapes, ...held(params, biases) }, checkFloat(name, x));
    const [length, width] = x.shape.slice(-2);
    if (!length || width !== inputs)
      throw new RangeError(`${name}: expected x [..., length, ${inputs}] with a length above 0, got ${show(x.shape)}`);
    const zeros = like(x, 0, [...x.shape.slice(0, -2), hidden]);
    const first = before === undefined ? kind.start(zeros) : kind.checked(before, stateCheck(name, zeros));
    const plus = (y: Tensor, b: Tensor | undefined): Tensor => (b ? add(y, b) : y);
    const parts = (y: Tensor): Tensor[] => split(y, gates, -1);
    const recur = transpose(params.hiddenWeight);
    const step = (state: S, row: Tensor): [S, Tensor] => {
      const next = kind.next(parts(row), parts(plus(matmul(kind.hidden(state), recur), params.hiddenBias)), state);
      return [next, kind.hidden(next)];
    };
    // The part of the gates that comes from x is one product for all rows.
    const all = toFront(plus(matmul(x, transpose(params.inputWeight)), params.inputBias));
    const [last, ys] = scan<S>(step as never, first, all, along);
    return [fromFront(ys), last];
  };
  return {
    name,
    init: (key, init = {}) => initial(name, key, hidden, { ...shapes, ...(bias && biases) }, init),
    apply: (params, x) => run(params, x)[0],
    run,
  };
}

/** Checks that a tensor of a state is like zeros. */
const stateCheck =
  (who: string, zeros: Tensor) =>
  (name: string, x: unknown): void => {
    const t = checkTensor(who, x);
    if (!sameShape(t.shape, zeros.shape))
      throw new RangeError(`${who}: expected ${name} ${show(zeros.shape)}, got ${show(t.shape)}`);
    checkAlike(who, [zeros, t]);
  };

/** Fresh parameters, uniform in +-1/sqrt(hidden), as PyTorch makes them. */
function initial(
  who: string,
  given: Tensor,
  hidden: number,
  shapes: Readonly<Record<string, readonly number[]>>,
  options: InitOptions,
): RecurrentParams {
  const init = checkOptions(who, options, initChecks);
  const keys = splitKey(checkKey(who, given), 4);
  const draw = (shape: readonly number[], i: number): Tensor => uniform(keys[i]!, shape, 1 / Math.sqrt(hidden), init);
  return Object.fromEntries(Object.entries(shapes).map(([name, shape], i) => [name, draw(shape, i)])) as unknown as RecurrentParams; // prettier-ignore
}

const GRU: Kind<Tensor> = {
  name: 'gru',
  gates: 3,
  start: (zeros) => zeros,
  checked: (state, check) => {
    check('a state', state);
    return state;
  },
  hidden: (state) => state,
  next: ([xr, xz, xn], [hr, hz, hn], h) => {
    const [r, z] = [sigmoid(add(xr!, hr!)), sigmoid(add(xz!, hz!))];
    const n = tanh(add(xn!, mul(r, hn!)));
    return add(n, mul(z, sub(h, n)));
  },
};

/**
 * A gated recurrent unit (Cho et al. 2014), by `scan`: x [..., length, in] into [..., length,
 * hidden]. Each state is (1 - z) n + z h, with r = sigmoid(W_r x + U_r h), z = sigmoid(W_z x + U_z
 * h) and n = tanh(W_n x + r U_n h). `run` takes a first state and gives the last one too.
 * @param inputs length of the last axis of x
 * @param hidden length of the state
 * @example
 * const layer = gru(3, 4);
 * const params = layer.init(randomKey(0));
 * layer.apply(params, ones([2, 5, 3])).shape; // [ 2, 5, 4 ]
 * layer.run(params, ones([2, 5, 3]), zeros([2, 4]))[1].shape; // [ 2, 4 ]
 */
export const gru = (inputs: number, hidden: number, options: RecurrentOptions = {}): RecurrentLayer<Tensor> =>
  recurrent(GRU, inputs, hidden, options);

const LSTM: Kind<LstmState> = {
  name: 'lstm',
  gates: 4,
  start: (zeros) => ({ hidden: zeros, cell: zeros }),
  checked: (state, check) => {
    if (!isPlain(state)) throw new TypeError(`lstm: expected a state { hidden, cell }, got ${kindOf(state)}`);
    check('hidden', state.hidden);
    check('cell', state.cell);
    return { hidden: state.hidden, cell: state.cell };
  },
  hidden: (state) => state.hidden,
  next: (row, recurrent, state) => {
    const [i, f, g, o] = row.map((part, k) => add(part, recurrent[k]!)) as [Tensor, Tensor, Tensor, Tensor];
    const cell = add(mul(sigmoid(f), state.cell), mul(sigmoid(i), tanh(g)));
    return { hidden: mul(sigmoid(o), tanh(cell)), cell };
  },
};

/**
 * A long short-term memory (Hochreiter and Schmidhuber 1997), by `scan`: x [..., length, in] into
 * [..., length, hidden]. Each cell is sigmoid(f) c + sigmoid(i) tanh(g), and the output sigmoid(o)
 * tanh(cell), with i, f, g and o of the form W x + U h. `run` takes a first state and gives the
 * last one too.
 * @param inputs length of the last axis of x
 * @param hidden length of the state
 * @example
 * const layer = lstm(3, 4);
 * const params = layer.init(randomKey(0));
 * layer.apply(params, ones([2, 5, 3])).shape; // [ 2, 5, 4 ]
 * layer.run(params, ones([2, 5, 3]))[1].cell.shape; // [ 2, 4 ]
 */
export const lstm = (inputs: number, hidden: number, options: RecurrentOptions = {}): RecurrentLayer<LstmState> =>
  recurrent(LSTM, inputs, hidden, options);

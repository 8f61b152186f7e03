import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { lstm } from 'bigrad/nn';
import { NotExpressible, numbersOf, type Call, type Expression } from '../node.js';

const { add, matmul, mul, sigmoid, split, tanh, transpose } = b;

/** What all three kinds have: x [length, batch, in], weights [1, gates hidden, ...]. */
interface Inputs {
  readonly x: Tensor;
  readonly hidden: number;
  readonly w: Tensor;
  readonly r: Tensor;
  /** Biases of w and of r, [gates hidden]. */
  readonly biases: readonly [Tensor, Tensor];
  /** A state at the start, [batch, hidden]. */
  start(at: number): Tensor;
}

function inputsOf(call: Call, gates: number): Inputs {
  const [given, w, r, bias, lengths] = call.ins as [Tensor, Tensor, Tensor, Tensor?, Tensor?];
  if (call.text('direction', 'forward') !== 'forward') throw new NotExpressible('no other direction than forward');
  if (call.has('activations') || call.has('clip')) throw new NotExpressible('no other activations, and no clip');
  const batchFirst = call.int('layout', 0) === 1;
  const x = batchFirst ? transpose(given, [1, 0, 2]) : given;
  const [length, batch] = x.shape as [number, number];
  if (lengths && numbersOf(lengths).some((n) => n !== length)) throw new NotExpressible('no rows of several lengths');
  const hidden = r.shape[2]!;
  const row = (t: Tensor): Tensor => b.squeeze(t, 0);
  const both = bias ? split(row(bias), 2) : [0, 1].map(() => b.zeros([gates * hidden]));
  return {
    x,
    hidden,
    w: row(w),
    r: row(r),
    biases: [both[0]!, both[1]!],
    start: (at) => {
      const state = call.ins[at];
      if (!state) return b.zeros([batch, hidden]);
      return b.reshape(state, [batch, hidden]);
    },
  };
}

/** y [length, directions, batch, hidden] and the last states, or with the batch in front. */
function outputs(call: Call, rows: Tensor, ...states: Tensor[]): Tensor[] {
  const [length, batch, hidden] = rows.shape as [number, number, number];
  if (call.int('layout', 0) === 0)
    return [b.reshape(rows, [length, 1, batch, hidden]), ...states.map((s) => b.reshape(s, [1, batch, hidden]))];
  const first = b.reshape(transpose(rows, [1, 0, 2]), [batch, length, 1, hidden]);
  return [first, ...states.map((s) => b.reshape(s, [batch, 1, hidden]))];
}

function rnn(call: Call): Tensor[] {
  const { x, w, r, biases, start } = inputsOf(call, 1);
  const fromX = add(matmul(x, transpose(w)), add(...biases));
  const step = (h: Tensor, row: Tensor): [Tensor, Tensor] => {
    const next = tanh(add(row, matmul(h, transpose(r))));
    return [next, next];
  };
  const [last, rows] = b.scan(step, start(5), fromX);
  return outputs(call, rows, last);
}

/** Gates z, r and h; by default r is multiplied to the state before its product. */
function gru(call: Call): Tensor[] {
  const { x, w, r, biases, start } = inputsOf(call, 3);
  const late = call.int('linear_before_reset', 0) === 1;
  const fromX = add(matmul(x, transpose(w)), biases[0]);
  const [uz, ur, uh] = split(r, 3).map((u) => transpose(u)) as [Tensor, Tensor, Tensor];
  const [bz, br, bh] = split(biases[1], 3) as [Tensor, Tensor, Tensor];
  const step = (h: Tensor, row: Tensor): [Tensor, Tensor] => {
    const [xz, xr, xh] = split(row, 3, -1) as [Tensor, Tensor, Tensor];
    const z = sigmoid(add(xz, add(matmul(h, uz), bz)));
    const reset = sigmoid(add(xr, add(matmul(h, ur), br)));
    const own = late ? mul(reset, add(matmul(h, uh), bh)) : add(matmul(mul(reset, h), uh), bh);
    const next = add(mul(b.sub(1, z), tanh(add(xh, own))), mul(z, h));
    return [next, next];
  };
  const [last, rows] = b.scan(step, start(5), fromX);
  return outputs(call, rows, last);
}

/** Gates i, o, f and c, which bigrad has as i, f, c and o. Peepholes need a step of their own. */
function longMemory(call: Call): Tensor[] {
  const { x, hidden, w, r, biases, start } = inputsOf(call, 4);
  const peepholes = call.ins[7];
  if (peepholes) return peeping(call, inputsOf(call, 4), peepholes);
  const ordered = (t: Tensor): Tensor => {
    const [i, o, f, c] = split(t, 4) as [Tensor, Tensor, Tensor, Tensor];
    return b.concat([i, f, c, o]);
  };
  const params = {
    inputWeight: ordered(w),
    hiddenWeight: ordered(r),
    inputBias: ordered(biases[0]),
    hiddenBias: ordered(biases[1]),
  };
  const state = { hidden: start(5), cell: start(6) };
  const [rows, last] = lstm(w.shape[1]!, hidden).run(params, transpose(x, [1, 0, 2]), state);
  return outputs(call, transpose(rows, [1, 0, 2]), last.hidden, last.cell);
}

function peeping(call: Call, { x, w, r, biases, start }: Inputs, peepholes: Tensor): Tensor[] {
  const fromX = add(matmul(x, transpose(w)), add(...biases));
  const [pi, po, pf] = split(b.squeeze(peepholes, 0), 3) as [Tensor, Tensor, Tensor];
  const step = ({ h, c }: { h: Tensor; c: Tensor }, row: Tensor): [{ h: Tensor; c: Tensor }, Tensor] => {
    const [i, o, f, g] = split(add(row, matmul(h, transpose(r))), 4, -1) as [Tensor, Tensor, Tensor, Tensor];
    const cell = add(mul(sigmoid(add(f, mul(pf, c))), c), mul(sigmoid(add(i, mul(pi, c))), tanh(g)));
    const next = mul(sigmoid(add(o, mul(po, cell))), tanh(cell));
    return [{ h: next, c: cell }, next];
  };
  const [last, rows] = b.scan(step, { h: start(5), c: start(6) }, fromX);
  return outputs(call, rows, last.h, last.c);
}

/** Operators that go along rows, by `scan`. */
export const recurrent: Readonly<Record<string, Expression>> = { GRU: gru, LSTM: longMemory, RNN: rnn };

import fc from 'fast-check';
import {
  add,
  compile,
  cond,
  grad,
  greater,
  hvp,
  less,
  matmul,
  mul,
  scan,
  square,
  stack,
  sum,
  tensor,
  vmap,
  whileLoop,
  type Tensor,
} from 'bigrad';
import { near } from '../../support/close.js';
import { wave } from '../../support/numbers.js';
import { programs, SHAPE } from '../../support/random-programs.js';

/** What the steps of a loop capture. */
interface Captured {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly c: Tensor;
}
type Cell = (q: Captured, h: Tensor, x: Tensor) => Tensor;

const [start, rows] = [wave(SHAPE), wave([2, ...SHAPE], 4)];

const loops: Readonly<Record<string, (cell: Cell) => (q: Captured) => Tensor>> = {
  'a scan': (cell) => (q) => sum(square(scan((h: Tensor, x: Tensor) => [cell(q, h, x), null], start, rows)[0])),
  'a scan with checkpoints': (cell) => (q) =>
    sum(square(scan((h: Tensor, x: Tensor) => [cell(q, h, x), null], start, rows, { checkpoint: true })[0])),
  'a scan of a scan': (cell) => (q) => {
    const inner = (h: Tensor, x: Tensor) => scan((k: Tensor, y: Tensor) => [cell(q, k, mul(x, y)), null], h, rows)[0];
    return sum(scan((h: Tensor, x: Tensor) => [inner(h, x), mul(h, q.b)], mul(start, q.a), rows)[1]);
  },
  'a vmap of a scan': (cell) => (q) =>
    sum(vmap((h: Tensor) => scan((k: Tensor, x: Tensor) => [cell(q, k, x), null], h, rows)[0])(rows)),
  'a vmap in a scan': (cell) => (q) => {
    const both = (h: Tensor, x: Tensor) => sum(vmap((u: Tensor) => cell(q, u, x))(stack([h, x])), 0);
    return sum(square(scan((h: Tensor, x: Tensor) => [both(h, x), null], start, rows)[0]));
  },
  'a whileLoop': (cell) => (q) => {
    const first = { i: tensor(0), h: start };
    const step = ({ i, h }: typeof first) => ({ i: add(i, 1), h: cell(q, h, start) });
    return sum(square(whileLoop(({ i }: typeof first) => less(i, 2), step, first, { maxSteps: 3 }).h));
  },
  'a cond in a scan': (cell) => (q) => {
    const either = (h: Tensor, x: Tensor) =>
      cond(
        greater(sum(h), 0),
        (u: Tensor, v: Tensor) => cell(q, u, v),
        (u, v) => mul(cell(q, v, u), 0.5),
        h,
        x,
      );
    return sum(square(scan((h: Tensor, x: Tensor) => [either(h, x), null], start, rows)[0]));
  },
};

describe('what the steps of a loop capture', () => {
  for (const [kind, loop] of Object.entries(loops))
    it(`has in a plan the second derivatives that it has outside: ${kind}`, () => {
      const captured = { a: wave(SHAPE, 1), b: wave(SHAPE, 2), c: wave(SHAPE, 3) };
      fc.assert(
        fc.property(programs(2, 4), programs(2, 4), (left, right) => {
          const f = loop((q, h, x) => mul(add(left.run([x, q.a]), mul(right.run([h, q.b]), q.c)), 0.5));
          const second = grad((q: Captured) => {
            const g = grad(f)(q);
            return add(sum(mul(g.a, g.b)), sum(square(g.c)));
          });
          near(compile(second)(captured), second(captured), 1e-9);
        }),
        { numRuns: 8 },
      );
    });

  it('keeps its cotangents where they arrive in another order the second time: a linear network', () => {
    const q = { wx: wave([2, 3], 5), wh: wave([3, 3]) };
    const [h, xs] = [wave([3]), wave([2, 2], 2)];
    const f = ({ wx, wh }: typeof q) =>
      sum(square(scan((k: Tensor, x: Tensor) => [add(matmul(x, wx), matmul(k, wh)), null], h, xs)[0]));
    const v = { wx: wave([2, 3]), wh: wave([3, 3], 1) };
    near(compile((p: typeof q) => hvp(f, p, v))(q), hvp(f, q, v), 1e-12);
  });

  it('keeps apart the histories of one value: a variable, and what it is a variable of', () => {
    const [h, xs] = [wave([3]), wave([2, 3], 2)];
    const f = (p: Tensor, q: Tensor) =>
      sum(square(scan((k: Tensor, x: Tensor) => [add(matmul(x, p), matmul(k, q)), null], h, xs)[0]));
    const g = (q: Tensor) => sum(square(grad((p: Tensor) => f(p, q))(q)));
    const third = (q: Tensor) => grad((r: Tensor) => sum(square(grad(g)(r))))(q);
    for (const of of [grad(g), third]) near(compile(of)(wave([3, 3])), of(wave([3, 3])), 1e-10);
  });
});

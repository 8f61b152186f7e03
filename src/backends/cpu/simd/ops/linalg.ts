import { indefinite, singular } from '../../../../core/matrices.js';
import { sizeOf } from '../../../../core/shape.js';
import type { View } from '../../../../core/tensor.js';
import type { Triangle } from '../../../../ops/linalg/factor.js';
import type { Named } from '../../../../ops/linalg/solve.js';
import type { Simd } from '../wasm/instance.js';
import type { Pointer } from '../wasm/kernels.js';
import { matricesOf, byMatrices, within, type Whole } from './doubles.js';
import type { Layout, SimdOp } from './op.js';

// Factorizations in double precision, of float32 too. A matrix is copied before it is factored, so
// that its operand may lie in any way.

// How much there is to do counts three for a multiply-add, and so many more for each matrix: loops
// take that much longer. Measured, kernels win from 8 to 24 rows on, and from 2 for batches.
const EACH = 64;
/** What n^3 / 3 multiply-adds for each of a batch of square matrices count. */
const cubes = ([a]: readonly View[]): number => {
  const n = a!.shape.at(-1)!;
  return batchOf(a!) * (EACH + n ** 3);
};
const batchOf = ({ shape }: View): number => sizeOf(shape.slice(0, -2));

/** What all records here have in common. */
const common = { doubles: true, operands: 'any', parts: byMatrices } as const;

const cholesky: SimdOp<Whole | null> = {
  ...common,
  work: cubes,
  plan: ({ kernels }, _, [a], __, attrs) => {
    const { n, at, row, col, single } = matricesOf(a!);
    const step = n * n * (single ? 4 : 8);
    return within({ kernel: kernels.doublesScratch(n), upper: 8 * n * n }, ([from, out], { kernel, upper }) => {
      for (let k = 0; k < at.length; k++)
        if (!kernels.cholesky(out! + k * step, upper, from! + at[k]!, row, col, n, single, kernel))
          throw refused(a!, attrs, k, indefinite);
    });
  },
};

/** The error about a matrix of a batch, which may be a part of another. */
const refused = (
  { view }: Layout,
  attrs: Whole | null,
  k: number,
  error: (shape: readonly number[], k: number) => RangeError,
): RangeError => (attrs?.of ? error(attrs.of.shape, attrs.of.first + k) : error(view.shape, k));

/** Factors P A = L U of matrices; a matrix that comes again at once is not factored again. */
function planFactors({ kernels }: Simd, a: Layout) {
  const { n, at, row, col, single } = matricesOf(a);
  const bytes = { kernel: kernels.doublesScratch(n), factors: 8 * n * n, pivots: 4 * n };
  /** Calls `then` for each matrix, told whether all of its pivots differ from 0. */
  const each = (
    from: Pointer,
    { kernel, factors, pivots }: Readonly<Record<keyof typeof bytes, Pointer>>,
    then: (k: number, regular: boolean) => void,
  ): void => {
    let regular = false;
    for (let k = 0; k < at.length; k++) {
      if (k === 0 || at[k] !== at[k - 1]) {
        kernels.readMatrix(factors, from + at[k]!, row, col, n, n, single);
        regular = kernels.factorLu(factors, n, pivots, kernel);
      }
      then(k, regular);
    }
  };
  return { n, bytes, each };
}

const solve: SimdOp<Named & Whole> = {
  ...common,
  work: ([a, b]) => cubes([a!]) + 3 * b!.size * b!.shape.at(-2)!,
  plan: (simd, _, [a, b], __, attrs) => {
    const { kernels } = simd;
    const { n, bytes, each } = planFactors(simd, a!);
    const { n: m, at, row, col, single } = matricesOf(b!);
    const step = n * m * (single ? 4 : 8);
    return within({ ...bytes, x: single ? 8 * n * m : 0 }, ([aAt, bAt, out], places) => {
      each(aAt!, places, (k, regular) => {
        if (!regular) throw refused(a!, attrs, k, (shape, at) => singular(attrs.who, shape, at));
        const to = out! + k * step;
        const x = single ? places.x : to;
        kernels.readMatrix(x, bAt! + at[k]!, row, col, n, m, single);
        kernels.solveFactored(places.factors, n, places.pivots, x, m, places.kernel);
        if (single) kernels.writeMatrix(to, x, n * m, true);
      });
    });
  },
};

/** An op whose results follow from the diagonal of U and the sign of P. */
const ofPivots = (numbers: (diagonal: Float64Array, sign: number) => readonly number[]): SimdOp<null> => ({
  ...common,
  work: cubes,
  plan: (simd, _, [a]) => {
    const { n, bytes, each } = planFactors(simd, a!);
    const diagonal = new Float64Array(n);
    return within(bytes, ([aAt, ...outs], places) => {
      const elements = a!.dtype === 'float32' ? simd.f32() : simd.f64();
      const [factors, order] = [simd.f64().subarray(places.factors / 8), simd.i32().subarray(places.pivots / 4)];
      each(aAt!, places, (k) => {
        let sign = 1;
        for (let i = 0; i < n; i++) {
          diagonal[i] = factors[i * (n + 1)]!;
          if (order[i] !== i) sign = -sign;
        }
        numbers(diagonal, sign).forEach((value, i) => {
          elements[outs[i]! / elements.BYTES_PER_ELEMENT + k] = value;
        });
      });
    });
  },
});

const determinant = ofPivots((diagonal, sign) => [diagonal.reduce((product, v) => product * v, sign)]);

const logDeterminant = ofPivots((diagonal, sign) => [
  diagonal.reduce((product, v) => product * Math.sign(v), sign),
  diagonal.reduce((sum, v) => sum + Math.log(Math.abs(v)), 0),
]);

const triangularSolve: SimdOp<Triangle & Whole> = {
  ...common,
  work: ([a, b]) => EACH * batchOf(a!) + 1.5 * b!.size * a!.shape.at(-1)!,
  plan: ({ kernels }, _, [a, b], __, attrs) => {
    const { lower, transposed, unit } = attrs;
    const [t, x] = [matricesOf(a!), matricesOf(b!)];
    const { m: n, n: m, single } = x;
    // A triangle of doubles is read where it lies.
    const [row, col] = single ? [8 * n, 8] : [t.row, t.col];
    const [down, right] = transposed ? [col, row] : [row, col];
    const step = n * m * (single ? 4 : 8);
    const bytes = { kernel: kernels.doublesScratch(0), triangle: single ? 8 * n * n : 0, x: single ? 8 * n * m : 0 };
    return within(bytes, ([aAt, bAt, out], places) => {
      for (let k = 0; k < x.at.length; k++) {
        const [from, to] = [aAt! + t.at[k]!, out! + k * step];
        const [triangle, solution] = single ? [places.triangle, places.x] : [from, to];
        if (single) kernels.readMatrix(triangle, from, t.row, t.col, n, n, true);
        if (!unit && kernels.hasZero(triangle, row + col, n))
          throw refused(a!, attrs, k, (shape, at) => singular('triangularSolve', shape, at));
        kernels.readMatrix(solution, bAt! + x.at[k]!, x.row, x.col, n, m, single);
        kernels.substitute(triangle, down, right, lower !== transposed, unit, solution, n, m, places.kernel);
        if (single) kernels.writeMatrix(to, solution, n * m, true);
      }
    });
  },
};

const qr: SimdOp<null> = {
  ...common,
  work: ([a]) => EACH * batchOf(a!) + 6 * a!.size * a!.shape.at(-1)!,
  plan: ({ kernels }, _, [a]) => {
    const { m, n, at, row, col, single } = matricesOf(a!);
    const [whole, square] = [8 * m * n, 8 * n * n];
    const own = { q: single ? whole : 0, r: single ? square : 0 };
    const bytes = { kernel: kernels.doublesScratch(m), a: whole, spare: kernels.qrScratch(n), ...own };
    return within(bytes, ([from, qAt, rAt], places) => {
      for (let k = 0; k < at.length; k++) {
        const half = single ? 2 : 1;
        const [toQ, toR] = [qAt! + (k * whole) / half, rAt! + (k * square) / half];
        const [q, r] = single ? [places.q, places.r] : [toQ, toR];
        kernels.readMatrix(places.a, from! + at[k]!, row, col, m, n, single);
        kernels.qr(places.a, q, r, places.spare, m, n, places.kernel);
        if (!single) continue;
        kernels.writeMatrix(toQ, q, m * n, true);
        kernels.writeMatrix(toR, r, n * n, true);
      }
    });
  },
};

/** Factorizations, and what follows from them. */
export const linalg = { cholesky, solve, triangularSolve, determinant, logDeterminant, qr };

import {
  cholesky,
  determinant,
  diagonal,
  eigh,
  einsum,
  inverse,
  logDeterminant,
  norm,
  outer,
  qr,
  solve,
  svd,
  tensor,
  trace,
  triangularSolve,
  tril,
  triu,
  zeros,
} from 'bigrad';
import { wrong, type Refusal } from '../../support/refusals.js';
import { f64, ints, x } from './operands.js';

const one = tensor([[1, 0], [0, 1]]); // prettier-ignore
const singular = tensor([[1, 2], [2, 4]]); // prettier-ignore
const batch = tensor([[[[1, 0], [0, 1]], [[1, 2], [2, 4]]]]); // prettier-ignore
const square = { cholesky, inverse, determinant, logDeterminant, eigh };

/** What linear algebra refuses. */
// prettier-ignore
export const linalg: readonly Refusal[] = [
  ...Object.entries(square).flatMap(([name, f]): Refusal[] => [
    [name, () => f(wrong(1)), /a tensor, got the number 1/],
    [name, () => f(x), /square matrices \[\.\.\., n, n\], got \[2,3\]/],
    [name, () => f(zeros([2])), /square matrices \[\.\.\., n, n\], got \[2\]/],
    [name, () => f(ints), /float32 or float64, got int32/],
  ]),
  ...Object.entries({ qr, svd }).flatMap(([name, f]): Refusal[] => [
    [name, () => f(wrong(1)), /a tensor, got the number 1/],
    [name, () => f(zeros([2])), /matrices \[\.\.\., m, n\], got \[2\]/],
    [name, () => f(ints), /float32 or float64, got int32/],
  ]),
  ...Object.entries({ solve, triangularSolve }).flatMap(([name, f]): Refusal[] => [
    [name, () => f(wrong(1), one), /a tensor, got the number 1/],
    [name, () => f(x, one), /square matrices .*, got \[2,3\]/],
    [name, () => f(one, wrong(1)), /a tensor, got the number 1/],
    [name, () => f(one, zeros([3])), /right sides \[\.\.\., 2, m\] or \[2\] for matrices \[2,2\], got \[3\]/],
    [name, () => f(one, zeros([])), /right sides .*, got \[\]/],
    [name, () => f(one, f64), /equal dtypes, got float32 and float64/],
    [name, () => f(zeros([2, 1, 1]), zeros([3, 1, 1])), /broadcast together, got \[2\] and \[3\]/],
  ]),
  ['solve', () => solve(singular, one), /matrices that have an inverse, got a matrix that has none/],
  ['solve', () => solve(batch, one), /got matrix \[0,1\] of the batch that has none/],
  ['inverse', () => inverse(batch), /got matrix \[0,1\] of the batch that has none/],
  ['cholesky', () => cholesky(batch), /positive definite matrices, got matrix \[0,1\] of the batch that is not/],
  ['cholesky', () => cholesky(tensor([[-1]])), /positive definite matrices, got a matrix that is not/],
  ['cholesky', () => cholesky(tensor([[NaN]])), /positive definite matrices, got a matrix that is not/],
  ['triangularSolve', () => triangularSolve(zeros([2, 2]), one), /have an inverse, got a matrix that has none/],
  ['triangularSolve', () => triangularSolve(one, one, { lower: wrong(1) }), /lower to be true or false, got the number 1/],
  ...Object.entries({ tril, triu, trace }).flatMap(([name, f]): Refusal[] => [
    [name, () => f(wrong(1)), /a tensor, got the number 1/],
    [name, () => f(zeros([2])), /matrices \[\.\.\., m, n\], got \[2\]/],
    [name, () => f(x, 0.5), /the offset to be an integer from .*, got 0.5/],
  ]),
  ['diagonal', () => diagonal(wrong(1)), /a tensor, got the number 1/],
  ['diagonal', () => diagonal(x, 0, wrong([0])), /two axes, got \[0\]/],
  ['diagonal', () => diagonal(x, 0, [0, 0]), /distinct axes, got \[0,0\]/],
  ['diagonal', () => diagonal(x, NaN), /the offset to be an integer from .*, got NaN/],
  ['norm', () => norm(ints), /float32 or float64, got int32/],
  ['norm', () => norm(x, 2), /an axis from -2 to 1 for rank 2, got 2/],
  ['norm', () => norm(x, 0, { order: NaN }), /order to be a number, got NaN/],
  ['outer', () => outer(x, zeros([2])), /a tensor of rank 1, got \[2,3\]/],
  ['outer', () => outer(zeros([2]), zeros([2], { dtype: 'float64' })), /equal dtypes, got float32 and float64/],
  ['einsum', () => einsum(wrong(1), x), /subscripts to be a string, got the number 1/],
  ['einsum', () => einsum('ij'), /at least one operand, got 0/],
  ['einsum', () => einsum('ij', wrong(1)), /a tensor, got the number 1/],
  ['einsum', () => einsum('ij,jk', x), /subscripts of 1 operands, got "ij,jk"/],
  ['einsum', () => einsum('ij->i->j', x), /subscripts of 1 operands, got/],
  ['einsum', () => einsum('ijk', x), /a letter for each axis of \[2,3\], got "ijk"/],
  ['einsum', () => einsum('i', x), /a letter for each axis of \[2,3\], got "i"/],
  ['einsum', () => einsum('i1', x), /letters, and '\.\.\.' once in a term, got "i1"/],
  ['einsum', () => einsum('...i...', x), /letters, and '\.\.\.' once in a term, got/],
  ['einsum', () => einsum('ij,jk', x, x), /one length for 'j', got 3 and 2 in "ij,jk"/],
  ['einsum', () => einsum('ii', x), /one length for 'i' in \[2,3\], got 2 and 3/],
  ['einsum', () => einsum('...,...', x, zeros([4])), /one length for '\.\.\.', got 3 and 4/],
  ['einsum', () => einsum('ij->ik', x), /a result of letters of the operands, each once, got "ik"/],
  ['einsum', () => einsum('ij->ii', x), /a result of letters of the operands, each once, got "ii"/],
  ['einsum', () => einsum('i,i', zeros([2]), zeros([2], { dtype: 'float64' })), /equal dtypes, got float32 and float64/],
];

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { einsum, fromTypedArray, tensor, type Tensor } from 'bigrad';
import { contractionPath, labelsOf } from '../../../src/ops/linalg/einsum-path.js';
import { values } from '../../support/close.js';

const letters = ['a', 'b', 'c', 'd'];
const lengths: Readonly<Record<string, number>> = { a: 2, b: 3, c: 1, d: 2 };
const term = fc.array(fc.constantFrom(...letters), { maxLength: 4 });

/** The sum as its definition says, over all values of all letters. */
function slowly(terms: readonly string[][], out: readonly string[], xs: readonly number[][]): number[] {
  const all = [...new Set([...out, ...terms.flat()])];
  const place = (labels: readonly string[], at: Record<string, number>): number =>
    labels.reduce((n, l) => n * lengths[l]! + at[l]!, 0);
  const result = new Array<number>(out.reduce((n, l) => n * lengths[l]!, 1)).fill(0);
  const visit = (i: number, at: Record<string, number>): void => {
    if (i === all.length) {
      result[place(out, at)]! += terms.reduce((v, labels, k) => v * xs[k]![place(labels, at)]!, 1);
      return;
    }
    for (let v = 0; v < lengths[all[i]!]!; v++) visit(i + 1, { ...at, [all[i]!]: v });
  };
  visit(0, {});
  return result;
}

describe('einsum', () => {
  it('is the sum of its definition, whatever the letters, in float64 and int32', () => {
    const cases = fc.array(term, { minLength: 1, maxLength: 4 }).chain((terms) => {
      const known = [...new Set(terms.flat())];
      return fc.tuple(fc.constant(terms), fc.shuffledSubarray(known), fc.nat(99), fc.constantFrom('float64', 'int32'));
    });
    fc.assert(
      fc.property(cases, ([terms, out, seed, dtype]) => {
        const xs = terms.map((labels, k) =>
          Array.from(
            { length: labels.reduce((n, l) => n * lengths[l]!, 1) },
            (_, i) => ((i * 7 + k * 3 + seed) % 5) - 2,
          ),
        );
        const data = dtype === 'int32' ? Int32Array : Float64Array;
        const tensors: Tensor[] = terms.map((labels, k) =>
          fromTypedArray(
            data.from(xs[k]!),
            labels.map((l) => lengths[l]!),
          ),
        );
        const y = einsum(`${terms.map((l) => l.join('')).join(',')}->${out.join('')}`, ...tensors);
        assert.deepEqual(
          values(y).map((v) => v + 0),
          slowly(terms, out, xs).map((v) => v + 0),
        );
        assert.deepEqual(
          y.shape,
          out.map((l) => lengths[l]!),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('without an arrow has the letters that stand once, in alphabetical order', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    assert.deepEqual(values(einsum('ba', x)), [1, 3, 2, 4]);
    assert.deepEqual(values(einsum('ii', x)), [5]);
    assert.deepEqual(values(einsum(' i j , j k ', x, x)), [7, 10, 15, 22]);
  });

  it('broadcasts the axes of an ellipsis', () => {
    const y = einsum(
      '...i,...i',
      fromTypedArray(new Float32Array(12).fill(1), [3, 1, 4]),
      tensor([
        [1, 2, 3, 4],
        [0, 0, 0, 1],
      ]),
    );
    assert.deepEqual(
      [y.shape, values(y)],
      [
        [3, 2],
        [10, 1, 10, 1, 10, 1],
      ],
    );
  });

  it('chooses the order of products by size', () => {
    const order = (...shapes: number[][]): unknown => {
      const { ins, out, lengths: known } = labelsOf('ij,jk,kl->il', shapes);
      return contractionPath(ins, out, known)[0];
    };
    assert.deepEqual(order([10, 1000], [1000, 2], [2, 500]), [0, 1]);
    assert.deepEqual(order([500, 2], [2, 1000], [1000, 10]), [1, 2]);
  });
});

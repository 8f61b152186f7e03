import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import {
  arange,
  compile,
  full,
  grad,
  mul,
  ones,
  reference,
  reshape,
  sum,
  tensor,
  toArray,
  zeros,
  type Tensor,
} from 'bigrad';
import { printTensor } from '../../src/core/print.js';

describe('a tensor prints', () => {
  const cases: [Tensor, string][] = [
    [
      tensor([
        [1, 2],
        [3, 4],
      ]),
      'float32[2,2] on cpu [[1, 2], [3, 4]]',
    ],
    [tensor(-1.5, { dtype: 'float64', device: reference }), 'float64[] on reference -1.5'],
    [tensor([1, 2], { dtype: 'int32' }), 'int32[2] on cpu [1, 2]'],
    [tensor([NaN, Infinity, -0]), 'float32[3] on cpu [NaN, Infinity, -0]'],
    [tensor([0.1, 1 / 3, 1e-9, 123456.789]), 'float32[4] on cpu [0.1, 0.333333, 1e-9, 123457]'],
    [arange(6), 'float32[6] on cpu [0, 1, 2, 3, 4, 5]'],
    [arange(100), 'float32[100] on cpu [0, 1, 2, ..., 97, 98, 99]'],
    [reshape(arange(14), [2, 7]), 'float32[2,7] on cpu [[0, 1, 2, ..., 4, 5, 6], [7, 8, 9, ..., 11, 12, 13]]'],
    [
      tensor([2 ** 24, 2 ** 24 + 2, -(2 ** 25), 1e20, 1.5e10]),
      'float32[5] on cpu [16777216, 1.67772e+7, -3.35544e+7, 1e+20, 1.5e+10]',
    ],
    [tensor([1234567.5, -1234567.5], { dtype: 'float64' }), 'float64[2] on cpu [1.23457e+6, -1.23457e+6]'],
    [tensor([2 ** 30, -(2 ** 31)], { dtype: 'int32' }), 'int32[2] on cpu [1073741824, -2147483648]'],
    [reshape(arange(5), [1, 1, 5]), 'float32[1,1,5] on cpu [[[0, 1, 2, 3, 4]]]'],
    [reshape(arange(65), [1, 1, 65]), 'float32[1,1,65] on cpu [[[0, 1, ..., 63, 64]]]'],
    [reshape(arange(65), [1, 65, 1, 1]), 'float32[1,65,1,1] on cpu [[[[0]], [[1]], ..., [[63]], [[64]]]]'],
    [reshape(arange(66), [1, 1, 66, 1, 1]), 'float32[1,1,66,1,1] on cpu [[[[[0]], ..., [[65]]]]]'],
    [zeros([0]), 'float32[0] on cpu []'],
    [zeros([2, 0]), 'float32[2,0] on cpu [[], []]'],
    [zeros([0, 2]), 'float32[0,2] on cpu []'],
  ];
  for (const [x, expected] of cases)
    it(`${expected}, by \${x}, toString and inspect`, () => {
      assert.equal(`${x}`, expected);
      assert.equal(x.toString(), expected);
      assert.equal(inspect(x), expected);
    });

  it('inside other values', () => {
    assert.equal(inspect({ w: tensor([1]) }), '{ w: float32[1] on cpu [1] }');
  });

  it('in few words however large it is', () => {
    assert.ok(`${full([100, 100, 100], 0.123456789)}`.length < 2500);
  });

  it('whole up to 64 elements where it has more than two axes', () => {
    assert.ok(!`${reshape(arange(64), [1, 1, 64])}`.includes('...'));
    assert.ok(`${reshape(arange(64), [1, 64])}`.includes('...'));
  });

  it('at most 400 values, however many axes it has', () => {
    for (const rank of [9, 12]) {
      const text = `${ones(Array<number>(rank).fill(2))}`.split(' on cpu ')[1]!;
      assert.equal(text.split('1').length - 1, 400);
      assert.ok(text.length < 2500);
      assert.ok(text.includes('[[[..., ...], ...], ...]'), text);
    }
    assert.ok(!`${ones(Array<number>(8).fill(2))}`.includes('...'));
  });

  it('while it is differentiated', () => {
    let seen = '';
    grad((x: Tensor) => {
      seen = `${x}`;
      return sum(x);
    })(tensor([1]));
    assert.equal(seen, 'float32[1] on cpu [1]');
  });

  it('that it was donated, in the place of its values', () => {
    const x = tensor([1]);
    compile((t: Tensor) => mul(t, 2), { donate: [0] })(x);
    for (const text of [`${x}`, inspect(x), JSON.parse(JSON.stringify(x)) as string])
      assert.equal(text, 'float32[1] on cpu, donated to a compiled function');
  });

  it('only its shape on a device that cannot be read at once', () => {
    const x = { shape: [2, 3], dtype: 'float32', device: { name: 'far' } };
    const readSync = (): never => {
      throw new Error('await it');
    };
    assert.equal(printTensor({ ...x, readSync }), 'float32[2,3] on far');
  });
});

describe('toArray', () => {
  it('gives nested arrays, of which tensor makes the same again', async () => {
    for (const nested of [3, [1, 2], [[1], [2]], [[[1, 2]], [[3, 4]]], [], [[], []]])
      assert.deepEqual(await toArray(tensor(nested)), nested);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arange, cpu, grad, mul, reference, reshape, sum, take, tensor, to, type Tensor } from 'bigrad';
import { values } from '../support/close.js';

const x = reshape(arange(24), [2, 3, 4]);
const indices = (list: number[]): Tensor => tensor(list, { dtype: 'int32' });

for (const device of [reference, cpu])
  describe(`take on ${device.name}`, () => {
    it('has the derivative that puts each row back where it came from, and adds up those taken twice', () => {
      const cases = fc.nat(2).chain((axis) => {
        const n = x.shape[axis]!;
        return fc.tuple(
          fc.constant(axis),
          fc.array(fc.integer({ min: -n, max: n - 1 }), { minLength: 1, maxLength: 4 }),
        );
      });
      fc.assert(
        fc.property(cases, ([axis, list]) => {
          const [here, at] = [to(x, device), to(indices(list), device)];
          const shape = take(here, at, axis).shape;
          const g = to(reshape(arange(1, 1 + shape.reduce((n, d) => n * d, 1)), [...shape]), device);
          const got = values(grad((t: Tensor) => sum(mul(take(t, at, axis), g)))(here));
          // One index at a time, element by element.
          const expected = new Array<number>(24).fill(0);
          const strides = [12, 4, 1];
          values(g).forEach((v, k) => {
            let [rest, offset] = [k, 0];
            for (let i = 2; i >= 0; i--) {
              const p = rest % shape[i]!;
              rest = Math.floor(rest / shape[i]!);
              offset += strides[i]! * (i === axis ? (list[p]! + x.shape[i]!) % x.shape[i]! : p);
            }
            expected[offset]! += v;
          });
          assert.deepEqual(got, expected);
        }),
      );
    });

    it('counts from the end down to the first row, and no further', () => {
      const here = to(x, device);
      const from = (i: number) => take(here, to(indices([i]), device), 1);
      assert.deepEqual(values(from(-3)), values(from(0)));
      for (const i of [-4, 3])
        assert.throws(() => values(from(i)), new RegExp(`^RangeError: take: expected indices from -3 to 2, got ${i}`));
    });
  });

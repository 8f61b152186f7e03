import assert from 'node:assert/strict';
import fc from 'fast-check';
import { unitsOf } from '../../../src/backends/plan/units.js';

/** Steps by what each needs of those before it, and pairs of steps to join. */
const cases = fc
  .array(fc.array(fc.nat(99), { maxLength: 3 }), { minLength: 1, maxLength: 14 })
  .map((steps) => steps.map((needs, i) => (i === 0 ? [] : [...new Set(needs.map((n) => n % i))])))
  .chain((needs) => fc.tuple(fc.constant(needs), fc.array(fc.nat(needs.length - 1), { maxLength: 20 })));

describe('units of steps', () => {
  it('come each once after those that they need, whatever was joined', () => {
    fc.assert(
      fc.property(cases, ([needs, wanted]) => {
        const units = unitsOf(needs);
        for (const i of [...wanted].sort((a, b) => a - b))
          for (const j of needs[i]!) if (units.of(i) !== units.of(j)) units.join(units.of(j), units.of(i));
        const order = units.inOrder();
        assert.deepEqual(
          order.flatMap(({ steps }) => steps).sort((a, b) => a - b),
          [...needs.keys()],
        );
        needs.forEach((list, i) => {
          for (const j of list) assert.ok(order.indexOf(units.of(j)) <= order.indexOf(units.of(i)));
        });
      }),
    );
  });

  it('do not join around a step that the one needs and the other waits for', () => {
    const units = unitsOf([[], [0], [0, 1]]);
    units.join(units.of(0), units.of(2));
    assert.notEqual(units.of(0), units.of(2));
    units.join(units.of(1), units.of(2));
    units.join(units.of(0), units.of(2));
    assert.deepEqual(units.of(0), { steps: [0, 1, 2], first: 0, last: 2 });
  });

  it('come after those that they need, though these end later', () => {
    const units = unitsOf([[], [], [0, 1], [0]]);
    units.join(units.of(1), units.of(2));
    units.join(units.of(0), units.of(3));
    assert.deepEqual(
      units.inOrder().map(({ steps }) => steps),
      [
        [0, 3],
        [1, 2],
      ],
    );
  });
});

import assert from 'node:assert/strict';
import { add, customVjp, mul, onesLike, reference, square, stopGradient, sub, type Tensor } from 'bigrad';
import { agree, errorsOf } from './compare.js';
import { ops, type Op } from './ops.js';
import { isWide, quantities, readPrograms, show, type Program, type Quantity } from './program.js';
import { tolerance } from './settings.js';
import { ways } from './ways.js';

const programs = readPrograms().filter((program) => !isWide(program));
const setting = { ops, device: reference, dtype: 'float64', third: true } as const;
const errors = (program: Program, table = ops): Partial<Record<Quantity, number>> =>
  errorsOf(program, ways['eager']!.way(program, { ...setting, ops: table })[0]!());
const orders: readonly (readonly Quantity[])[] = [['value', 'loss'], ['gradient'], ['hvp', 'mixed'], ['third']];

/**
 * The identity, but for a millionth: in its value at order 0, else in its derivative of one order
 * and none lower.
 */
function wrongAt(order: number): (y: Tensor) => Tensor {
  if (order === 0) return (y) => mul(y, 1 + 1e-6);
  const factor = (y: Tensor): Tensor => {
    const change = sub(y, stopGradient(y)); // 0, of which the derivative is 1
    return order === 1 ? onesLike(y) : order === 2 ? change : square(change);
  };
  return customVjp(
    (y: Tensor) => y,
    (g: Tensor, y) => add(g, mul(mul(g, factor(y)), 1e-6)),
  );
}

describe('the comparison with PyTorch', () => {
  it('finds one number of the table that is off by 3e-12 of the largest, in any quantity', () => {
    for (const program of programs.slice(0, 10)) {
      const found = ways['eager']!.way(program, setting)[0]!();
      agree(program, found, tolerance.float64);
      for (const name of quantities) {
        const lists = program.expected[name].map((list) => [...list]);
        const most = Math.max(...lists.flat().map(Math.abs));
        lists.at(-1)![0]! += 3e-12 * most;
        const altered = { ...program, expected: { ...program.expected, [name]: lists } };
        assert.throws(
          () => {
            agree(altered, found, tolerance.float64);
          },
          new RegExp(`^AssertionError.*: ${name} differs`),
        );
      }
    }
  });

  it('finds results of another shape, results that are missing, and NaN', () => {
    const program = programs.find(({ resultShapes }) => resultShapes[0]!.length === 2)!;
    const found = ways['eager']!.way(program, setting)[0]!();
    const [first, ...rest] = found.value as Tensor[];
    const flat = ops['reshape']!({ shape: [-1] }, first!) as Tensor;
    for (const value of [[flat, ...rest], rest, [mul(first!, NaN), ...rest]])
      assert.equal(errorsOf(program, { ...found, value }).value, Infinity);
  });

  /**
   * Asserts that programs which use an op notice what is wrong with it in quantities of one order,
   * and in none of a lower order.
   */
  const notice = (op: string, wrong: Op, order: number): void => {
    const using = programs.filter(({ steps }) => steps.some(([name]) => name === op));
    const noticed = using.some((program) => {
      const found = errors(program, { ...ops, [op]: wrong });
      const differs = (names: readonly Quantity[]) => names.some((name) => found[name]! > tolerance.float64);
      assert.ok(!orders.slice(0, order).some(differs), `${op} differs below order ${order} in ${show(program)}`);
      return differs(orders[order]!);
    });
    assert.ok(noticed, `order ${order} of ${op}, which ${using.length} programs use`);
  };
  const comparisons = ['less', 'greater', 'lessEqual', 'greaterEqual'];

  for (const op of Object.keys(ops).filter((name) => !comparisons.includes(name)))
    it(`finds a millionth too much in ${op}: in its value, or in its derivative of any one order`, () => {
      for (const order of op === 'sign' || op === 'stopGradient' ? [0] : [0, 1, 2, 3])
        notice(op, (a, ...xs) => [ops[op]!(a, ...xs)].flat().map(wrongAt(order)), order);
    });

  it('finds a comparison that is the wrong way round', () => {
    for (const op of comparisons) notice(op, (a, ...xs) => sub(1, ops[op]!(a, ...xs) as Tensor), 0);
  });

  it('finds a stopGradient that stops nothing', () => {
    notice('stopGradient', (_, x) => x, 1);
  });
});

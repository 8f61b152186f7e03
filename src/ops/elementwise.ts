import { finite } from '../core/check.js';
import { checkFloat, checkTensor, defineOp, type Three } from '../core/op.js';
import { Tensor, type IntTensor } from '../core/tensor.js';
import { binary, broadcast, conditionDType, unary, type Operand } from './define-elementwise.js';
import { positions } from './positions.js';
import * as special from './scalar-functions.js';

const ints = { ints: true };

// Comparisons give 0 or 1 in the operands' dtype and have no derivative; with NaN all but notEqual
// give 0.
/**
 * x < y, as 0 or 1.
 * @example
 * less(tensor([1, 2, 3]), 2); // float32[3] on cpu [1, 0, 0]
 */
export const less = binary('less', (x, y) => +(x < y), null, ints);
/**
 * x > y, as 0 or 1.
 * @example
 * greater(tensor([1, 2, 3]), 2); // float32[3] on cpu [0, 0, 1]
 */
export const greater = binary('greater', (x, y) => +(x > y), null, ints);
/**
 * x <= y, as 0 or 1.
 * @example
 * lessEqual(tensor([1, 2, 3]), 2); // float32[3] on cpu [1, 1, 0]
 */
export const lessEqual = binary('lessEqual', (x, y) => +(x <= y), null, ints);
/**
 * x >= y, as 0 or 1.
 * @example
 * greaterEqual(tensor([1, 2, 3]), 2); // float32[3] on cpu [0, 1, 1]
 */
export const greaterEqual = binary('greaterEqual', (x, y) => +(x >= y), null, ints);
/**
 * x = y, as 0 or 1.
 * @example
 * equal(tensor([1, 2, 3]), tensor([1, 0, 3])); // float32[3] on cpu [1, 0, 1]
 */
export const equal = binary('equal', (x, y) => +(x === y), null, ints);
/**
 * x differs from y, as 0 or 1.
 * @example
 * notEqual(tensor([1, 2, 3]), tensor([1, 0, 3])); // float32[3] on cpu [0, 1, 0]
 */
export const notEqual = binary('notEqual', (x, y) => +(x !== y), null, ints);

const whereOp = defineOp<Three, null>({
  name: 'where',
  shape: ([, x]) => x,
  dtype: (dtypes) => conditionDType('where', dtypes),
  scalar: (c, x, y) => (c !== 0 ? x : y),
  ref: (out, [c, x, y]) => {
    for (let i = 0; i < out.data.length; i++) out.data[i] = c.data[i] !== 0 ? x.data[i]! : y.data[i]!;
  },
  vjp: [null, (g, [c]) => where(c, g, 0), (g, [c]) => where(c, 0, g)],
});
/**
 * x where the condition is not 0, else y; the side not taken gets a zero derivative. Broadcasts all
 * three. With the condition alone: where it is not 0, as one int32 vector of positions for each
 * axis, in row-major order; their length depends on values, so they are read at once.
 * @example
 * where(greater(tensor([-1, 2]), 0), 1, -1); // float32[2] on cpu [-1, 1]
 * where(tensor([0, 5, 7])); // [ int32[2] on cpu [1, 2] ]
 */
export function where(condition: Tensor): IntTensor[];
export function where(condition: Tensor, x: Operand, y: Operand): Tensor;
export function where(condition: Tensor, ...sides: [] | [Operand, Operand]): Tensor | IntTensor[] {
  checkTensor('where', condition);
  if (sides.length === 0) return positions(condition);
  const [x, y] = sides;
  // A number has the dtype of the other side; two numbers have that of the condition.
  const alike = [x, y, condition].find((v) => v instanceof Tensor);
  return whereOp(broadcast('where', [condition, x, y], alike), null);
}

//                             name    value              d/dx                                d/dy
/**
 * x + y
 * @example
 * add(tensor([[1, 2], [3, 4]]), tensor([10, 20])); // float32[2,2] on cpu [[11, 22], [13, 24]]
 */
export const add = binary('add', (x, y) => x + y, [(g) => g, (g) => g], { ...ints, traits: { addition: true } });
/**
 * x - y
 * @example
 * sub(1, tensor([1, 2])); // float32[2] on cpu [0, -1]
 */
export const sub = binary('sub', (x, y) => x - y, [(g) => g, (g) => neg(g)], ints);
/**
 * x y
 * @example
 * mul(tensor([1, 2]), tensor([3, 4])); // float32[2] on cpu [3, 8]
 */
export const mul = binary('mul', (x, y) => x * y, [(g, _, y) => mul(g, y), (g, x) => mul(g, x)], { ints: Math.imul });
/**
 * x / y
 * @example
 * div(tensor([1, 2]), 4); // float32[2] on cpu [0.25, 0.5]
 */
export const div = binary('div', (x, y) => x / y, [(g, _, y) => div(g, y), (g, _, y, out) => neg(div(mul(g, out), y))]);
/**
 * x^y. At x = 0 the derivative in x of x^0 is 0, and that in y is taken as x^y log 1 = 0.
 * @example
 * pow(tensor([1, 2, 3]), 2); // float32[3] on cpu [1, 4, 9]
 */
export const pow = binary('pow', (x, y) => x ** y, [
  (g, x, y) => mul(g, mul(y, pow(where(mul(equal(x, 0), equal(y, 0)), 1, x), sub(y, 1)))),
  (g, x, _, out) => mul(g, mul(out, log(where(equal(x, 0), 1, x)))),
]);
/**
 * The larger of x and y, NaN if either is; a tie gives half the derivative to each.
 * @example
 * maximum(tensor([-1, 2]), 0); // float32[2] on cpu [0, 2]
 */
export const maximum = binary(
  'maximum',
  Math.max,
  [(g, x, y) => mul(g, wins(x, y)), (g, x, y) => mul(g, wins(y, x))],
  ints,
);
/**
 * The smaller of x and y, NaN if either is; a tie gives half the derivative to each.
 * @example
 * minimum(tensor([-1, 2]), 0); // float32[2] on cpu [-1, 0]
 */
export const minimum = binary(
  'minimum',
  Math.min,
  [(g, x, y) => mul(g, wins(y, x)), (g, x, y) => mul(g, wins(x, y))],
  ints,
);
const wins = (x: Tensor, y: Tensor): Tensor => add(greater(x, y), mul(equal(x, y), 0.5));

/**
 * -x
 * @example
 * neg(tensor([1, -2])); // float32[2] on cpu [-1, 2]
 */
export const neg = unary(
  'neg',
  (x) => -x,
  (g) => neg(g),
  ints,
);
/**
 * |x|; the derivative at 0 is 0.
 * @example
 * abs(tensor([1, -2])); // float32[2] on cpu [1, 2]
 */
export const abs = unary('abs', Math.abs, (g, x) => mul(g, sign(x)), ints);
/**
 * -1, 0 or 1; the derivative is 0 everywhere.
 * @example
 * sign(tensor([3, 0, -2])); // float32[3] on cpu [1, 0, -1]
 */
export const sign = unary('sign', Math.sign, null, ints);
/**
 * The largest integer that is not above x; the derivative is 0 everywhere.
 * @example
 * floor(tensor([1.5, -1.5])); // float32[2] on cpu [1, -2]
 */
export const floor = unary('floor', Math.floor, null);
/**
 * x^2
 * @example
 * square(tensor([1, -2])); // float32[2] on cpu [1, 4]
 */
export const square = unary(
  'square',
  (x) => x * x,
  (g, x) => mul(g, mul(x, 2)),
  { ints: (x) => Math.imul(x, x) },
);
/**
 * 1 / x
 * @example
 * reciprocal(tensor([2, 4])); // float32[2] on cpu [0.5, 0.25]
 */
export const reciprocal = unary(
  'reciprocal',
  (x) => 1 / x,
  (g, _, out) => neg(mul(g, square(out))),
);
/**
 * The square root; its derivative at 0 is infinite.
 * @example
 * sqrt(tensor([4, 9])); // float32[2] on cpu [2, 3]
 */
export const sqrt = unary('sqrt', Math.sqrt, (g, _, out) => div(g, mul(out, 2)));
/**
 * 1 / sqrt(x)
 * @example
 * rsqrt(tensor([4, 16])); // float32[2] on cpu [0.5, 0.25]
 */
export const rsqrt = unary(
  'rsqrt',
  (x) => 1 / Math.sqrt(x),
  (g, x, out) => mul(g, div(mul(out, -0.5), x)),
);
/**
 * e^x
 * @example
 * exp(tensor([0, 1])); // float32[2] on cpu [1, 2.71828]
 */
export const exp = unary('exp', Math.exp, (g, _, out) => mul(g, out));
/**
 * e^x - 1, accurate near 0.
 * @example
 * expm1(tensor([0, 1e-6])); // float32[2] on cpu [0, 0.000001]
 */
export const expm1 = unary('expm1', Math.expm1, (g, _, out) => mul(g, add(out, 1)));
/**
 * The natural logarithm.
 * @example
 * log(tensor([1, 10])); // float32[2] on cpu [0, 2.30259]
 */
export const log = unary('log', Math.log, (g, x) => div(g, x));
/**
 * log(1 + x), accurate near 0.
 * @example
 * log1p(tensor([0, 1e-6])); // float32[2] on cpu [0, 0.000001]
 */
export const log1p = unary('log1p', Math.log1p, (g, x) => div(g, add(x, 1)));
/**
 * The sine of x radians.
 * @example
 * sin(tensor([0, Math.PI / 2])); // float32[2] on cpu [0, 1]
 */
export const sin = unary('sin', Math.sin, (g, x) => mul(g, cos(x)));
/**
 * The cosine of x radians.
 * @example
 * cos(tensor([0, Math.PI])); // float32[2] on cpu [1, -1]
 */
export const cos = unary('cos', Math.cos, (g, x) => neg(mul(g, sin(x))));
/**
 * The hyperbolic tangent.
 * @example
 * tanh(tensor([0, 1])); // float32[2] on cpu [0, 0.761594]
 */
export const tanh = unary('tanh', Math.tanh, (g, _, out) => mul(g, sub(1, square(out))));
/**
 * 1 / (1 + e^-x)
 * @example
 * sigmoid(tensor([0, 2])); // float32[2] on cpu [0.5, 0.880797]
 */
export const sigmoid = unary('sigmoid', special.sigmoid, (g, _, out) => mul(g, mul(out, sub(1, out))));
/**
 * log(1 + e^x), without overflow.
 * @example
 * softplus(tensor([0, 100])); // float32[2] on cpu [0.693147, 100]
 */
export const softplus = unary('softplus', special.softplus, (g, x) => mul(g, sigmoid(x)));
/**
 * max(x, 0), NaN for NaN; the derivative at 0 is 0.
 * @example
 * relu(tensor([-1, 2])); // float32[2] on cpu [0, 2]
 */
export const relu = unary(
  'relu',
  (x) => (x <= 0 ? 0 : x),
  (g, x) => mul(g, greater(x, 0)),
);
/**
 * The error function 2/sqrt(pi) * integral of e^(-t^2) from 0 to x.
 * @example
 * erf(tensor([0, 1])); // float32[2] on cpu [0, 0.842701]
 */
export const erf = unary('erf', special.erf, (g, x) => mul(g, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))));

/**
 * x above 0, else slope * x; the derivative at 0 is the slope.
 * @param slope the factor of negative elements
 * @example
 * leakyRelu(tensor([-1, 2]), 0.1); // float32[2] on cpu [-0.1, 2]
 */
export const leakyRelu = (x: Tensor, slope = 0.01): Tensor =>
  where(greater(checkFloat('leakyRelu', x), 0), x, mul(x, finite('leakyRelu', 'slope', slope)));
/**
 * x above 0, else alpha (e^x - 1).
 * @param alpha minus the limit at -Infinity
 * @example
 * elu(tensor([-1, 2])); // float32[2] on cpu [-0.632121, 2]
 */
export const elu = (x: Tensor, alpha = 1): Tensor =>
  where(greater(checkFloat('elu', x), 0), x, mul(expm1(where(greater(x, 0), 0, x)), finite('elu', 'alpha', alpha)));
/**
 * x Phi(x), with Phi the normal distribution function (the erf form, not the tanh approximation).
 * @example
 * gelu(tensor([-1, 2])); // float32[2] on cpu [-0.158655, 1.9545]
 */
export const gelu = (x: Tensor): Tensor => mul(mul(checkFloat('gelu', x), 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));

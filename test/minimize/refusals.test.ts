import { add, log, mul, reference, sqrt, square, stack, sub, sum, tensor, zeros, type Tensor } from 'bigrad';
import { leastSquares, minimize, naturalGradient } from 'bigrad/optim';
import { double, f64 } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';

const bowl = (x: Tensor): Tensor => sum(square(x));
const seek = (f: unknown, x0: unknown = f64([1, 2]), options: object = {}) =>
  minimize(f as typeof bowl, x0 as Tensor, options);
const fit = (f: unknown, x0: unknown = f64([1, 2]), options: object = {}) =>
  leastSquares(f as typeof bowl, x0 as Tensor, options);

describe('searches refuse by name:', () => {
  const calls: Record<string, [() => unknown, typeof RangeError | typeof TypeError, ...string[]]> = {
    'an f that is no function': [() => seek(3), TypeError, 'minimize: expected a function'],
    'an f that gives no scalar': [() => seek(square), RangeError, 'minimize: expected f to return a scalar', '[2]'],
    'an f that gives no tensor': [() => seek(() => 3), TypeError, 'minimize: expected f to return a scalar', '3'],
    'a value that is NaN at first': [
      () => seek((x: Tensor) => sum(log(x)), f64([-1])),
      RangeError,
      'minimize: expected f to be finite at x0, got NaN',
    ],
    'a gradient that is infinite at first': [
      () => seek((x: Tensor) => sum(sqrt(x)), f64([0])),
      RangeError,
      'minimize: expected a finite gradient at x0, got one of norm Infinity',
    ],
    'an x0 without floats': [() => seek(bowl, { n: 3 }), TypeError, 'minimize: expected x0 with at least one tensor'],
    'an x0 of integers': [
      () => seek(bowl, tensor([1, 2], { dtype: 'int32' })),
      TypeError,
      'minimize: expected x0 with at least one tensor of floats, got int32',
    ],
    'an x0 of two dtypes': [() => seek(bowl, [f64(1), tensor(1)]), TypeError, 'minimize: expected equal dtypes'],
    'no steps': [() => seek(bowl, undefined, { maxSteps: 0 }), RangeError, 'minimize: expected maxSteps'],
    'a tolerance of 0': [
      () => seek(bowl, undefined, { tolerance: 0 }),
      RangeError,
      'minimize: expected tolerance above 0',
    ],
    'an unknown method': [
      () => seek(bowl, undefined, { method: 'bfgs' }),
      RangeError,
      "minimize: expected method 'lbfgs' or 'newton-cg'",
    ],
    'an unknown option': [
      () => seek(bowl, undefined, { steps: 3 }),
      TypeError,
      'minimize: expected no options but',
      'steps',
    ],
    'a history of 0': [() => seek(bowl, undefined, { history: 0 }), RangeError, 'minimize: expected history'],
    'an option of another method': [
      () => seek(bowl, undefined, { radius: 1 }),
      RangeError,
      "minimize: expected radius with method 'newton-cg' only, got method 'lbfgs'",
    ],
    'a history for Newton': [
      () => seek(bowl, undefined, { method: 'newton-cg', history: 3 }),
      RangeError,
      "expected history with method 'lbfgs' only",
    ],
    'a radius of 0': [
      () => seek(bowl, undefined, { method: 'newton-cg', radius: 0 }),
      RangeError,
      'expected radius above 0',
    ],
    'linear options that are unknown': [
      () => seek(bowl, undefined, { linear: { ridge: 1 } }),
      TypeError,
      'minimize: expected no options but method',
    ],
    'a progress that is no function': [
      () => seek(bowl, undefined, { progress: true }),
      TypeError,
      'minimize: expected progress to be a function',
    ],
    'residuals that are no function': [() => fit('r'), TypeError, 'leastSquares: expected a function'],
    'parameters without floats': [
      () => fit(() => f64(1), { n: 3 }),
      TypeError,
      'leastSquares: expected x0 with at least one tensor of floats',
    ],
    'residuals without a tensor': [
      () => fit(() => 3),
      TypeError,
      'leastSquares: expected the first residuals with at least one tensor of floats',
    ],
    'residuals that change their shape': [
      () => {
        let n = 1;
        fit((x: Tensor) => add(stack(Array.from({ length: n++ }, () => sum(x))), 1));
      },
      RangeError,
      'leastSquares: expected residuals like the first residuals, with float64 [1], got float64 [2]',
    ],
    'residuals that are NaN at first': [
      () => fit((x: Tensor) => log(x), f64([-1])),
      RangeError,
      'leastSquares: expected the sum of squares to be finite at x0, got NaN',
    ],
    'cg steps for QR': [() => fit(square, undefined, { cgSteps: 3 }), RangeError, "cgSteps with method 'cg' only"],
    'a negative damping': [() => fit(square, undefined, { damping: -1 }), RangeError, 'leastSquares: expected damping'],
    'outputs that are no function': [
      () => naturalGradient(3 as never),
      TypeError,
      'naturalGradient: expected a function',
    ],
    'outputs that are no tensor': [
      () => naturalGradient(() => 3 as never)(f64(1), f64(1)),
      TypeError,
      'naturalGradient: expected a tensor',
    ],
    'no damping': [
      () => naturalGradient((p: Tensor) => p, { damping: 0 }),
      RangeError,
      'naturalGradient: expected damping above 0',
    ],
    'an unknown likelihood': [
      () => naturalGradient((p: Tensor) => p, { likelihood: 'poisson' as never }),
      RangeError,
      "naturalGradient: expected likelihood 'normal', 'categorical' or 'bernoulli'",
    ],
    'an infinite damping': [
      () => naturalGradient((p: Tensor) => p, { damping: Infinity }),
      RangeError,
      'naturalGradient: expected damping above 0, got Infinity',
    ],
    'a scalar for logits of classes': [
      () => naturalGradient((p: Tensor) => p, { likelihood: 'categorical' })(f64(1), f64(1)),
      RangeError,
      'naturalGradient: expected outputs with an axis of classes',
    ],
    'gradients without parameters': [
      () => naturalGradient((p: Tensor) => p)(f64(1)),
      TypeError,
      'naturalGradient: expected the parameters beside their gradients',
    ],
    'gradients without floats': [
      () => naturalGradient((p: Tensor) => p)({}, {}),
      TypeError,
      'naturalGradient: expected gradients with at least one tensor of floats',
    ],
    'gradients of another shape': [
      () => naturalGradient((p: Tensor) => mul(p, 2))(zeros([3], double), f64([1, 2])),
      RangeError,
      'naturalGradient: expected a gradient of shape [2], got [3]',
    ],
  };
  for (const [what, [call, kind, ...words]] of Object.entries(calls))
    it(what, () => {
      refuses(call, kind, ...words);
    });

  it('devices that differ', () => {
    const x0 = [f64(1), tensor(1, { ...double, device: reference })];
    refuses(() => seek(([a, b]: Tensor[]) => sub(a!, b!), x0), TypeError, 'minimize: expected', 'on one device');
  });
});

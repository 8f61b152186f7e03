import { add, div, exp, mul, neg, sub, type Tensor } from 'bigrad';
import { f64 } from '../support/numbers.js';
import { element } from './problems.js';

// Data, starts and certified values of the Statistical Reference Datasets of NIST, "Nonlinear
// Regression": https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml

/** A problem with 11 certified digits. */
interface Certified {
  readonly name: string;
  readonly residuals: (b: Tensor) => Tensor;
  readonly starts: readonly number[][];
  readonly certified: readonly number[];
  readonly sumOfSquares: number;
}

/** c[0] + c[1] x + c[2] x^2 + ... */
const polynomial = (c: readonly (Tensor | number)[], x: Tensor): Tensor =>
  c.reduceRight<Tensor>((total, a) => add(mul(total, x), a), mul(x, 0));

/** b1 (1 - exp(-b2 x)). */
const saturation = (x: Tensor, y: Tensor) => (b: Tensor) =>
  sub(mul(element(b, 0), sub(1, exp(neg(mul(x, element(b, 1)))))), y);

const misra1a = {
  x: [77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760],
  y: [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78],
};
const boxBod = { x: [1, 2, 3, 5, 7, 10], y: [109, 149, 149, 191, 213, 224] };
const thurber = {
  x: [
    -3.067, -2.981, -2.921, -2.912, -2.84, -2.797, -2.702, -2.699, -2.633, -2.481, -2.363, -2.322, -1.501, -1.46,
    -1.274, -1.212, -1.1, -1.046, -0.915, -0.714, -0.566, -0.545, -0.4, -0.309, -0.109, -0.103, 0.01, 0.119, 0.377,
    0.79, 0.963, 1.006, 1.115, 1.572, 1.841, 2.047, 2.2,
  ],
  y: [
    80.574, 84.248, 87.264, 87.195, 89.076, 89.608, 89.868, 90.101, 92.405, 95.854, 100.696, 101.06, 401.672, 390.724,
    567.534, 635.316, 733.054, 759.087, 894.206, 990.785, 1090.109, 1080.914, 1122.643, 1178.351, 1260.531, 1273.514,
    1288.339, 1327.543, 1353.863, 1414.509, 1425.208, 1421.384, 1442.962, 1464.35, 1468.705, 1447.894, 1457.628,
  ],
};

export const nist: readonly Certified[] = [
  {
    name: 'Misra1a',
    residuals: saturation(f64(misra1a.x), f64(misra1a.y)),
    starts: [
      [500, 1e-4],
      [250, 5e-4],
    ],
    certified: [2.3894212918e2, 5.5015643181e-4],
    sumOfSquares: 1.2455138894e-1,
  },
  {
    name: 'BoxBOD',
    residuals: saturation(f64(boxBod.x), f64(boxBod.y)),
    // From NIST's other start, (1, 1), it comes to the plateau of large b2.
    starts: [[100, 0.75]],
    certified: [2.1380940889e2, 5.4723748542e-1],
    sumOfSquares: 1.1680088766e3,
  },
  {
    name: 'Thurber',
    residuals: (b) => {
      const x = f64(thurber.x);
      const c = Array.from({ length: 7 }, (_, i) => element(b, i));
      return sub(div(polynomial(c.slice(0, 4), x), polynomial([1, ...c.slice(4)], x)), f64(thurber.y));
    },
    starts: [
      [1000, 1000, 400, 40, 0.7, 0.3, 0.03],
      [1300, 1500, 500, 75, 1, 0.4, 0.05],
    ],
    certified: [
      1.28813968e3, 1.4910792535e3, 5.8323836877e2, 7.5416644291e1, 9.6629502864e-1, 3.9797285797e-1, 4.9727297349e-2,
    ],
    sumOfSquares: 5.6427082397e3,
  },
];

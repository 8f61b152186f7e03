// The functions of one element, named after their ops. They may not use what some mode lacks: no
// Math.pow of negatives, no tanh, no isNaN; comparisons are arranged so that NaN falls through to a
// branch that carries it. Compilers fold x !== x.

/** x + y */
export function addOf(x: number, y: number): number {
  return x + y;
}
/** x - y */
export function subOf(x: number, y: number): number {
  return x - y;
}
/** x y */
export function mulOf(x: number, y: number): number {
  return x * y;
}
/** x / y, of a sixteenth of both where 1 / y is below what drivers keep. */
export function divOf(x: number, y: number): number {
  if (Math.abs(y) > 1e37) return (x * 0.0625) / (y * 0.0625);
  return x / y;
}
/**
 * x^y: by products for integers y up to 8, of a negative x by its magnitude and the parity of y.
 */
export function powOf(x: number, y: number): number {
  if (y === 0) return 1.0;
  if (!(y > 0 || y < 0)) return x + y;
  const times = Math.abs(y);
  if (times <= 8) {
    if (Math.floor(times) === times) {
      let factor = x;
      if (y < 0) factor = 1.0 / x;
      let product = factor;
      for (let i = 1; i < 8; i++) {
        if (i < times) product *= factor;
      }
      return product;
    }
  }
  if (x > 0) return Math.pow(x, y);
  if (x === 0) {
    if (y > 0) return 0.0;
    if (y - 2.0 * Math.floor(y * 0.5) === 1) return 1.0 / x;
    return 1.0 / Math.abs(x);
  }
  if (x < 0) {
    if (Math.floor(y) === y) {
      const magnitude = Math.pow(-x, y);
      if (y - 2.0 * Math.floor(y * 0.5) === 1) return -magnitude;
      return magnitude;
    }
    if (x * 0.5 === x) return Math.pow(-x, y);
    return (x - x) / (x - x);
  }
  return x;
}
/** The larger of two, NaN if either is. */
export function maximumOf(x: number, y: number): number {
  if (x > y) return x;
  if (y >= x) return y;
  return x + y;
}
/** The smaller of two, NaN if either is. */
export function minimumOf(x: number, y: number): number {
  if (x < y) return x;
  if (y <= x) return y;
  return x + y;
}
/** x < y, as 0 or 1. */
export function lessOf(x: number, y: number): number {
  if (x < y) return 1.0;
  return 0.0;
}
/** x > y, as 0 or 1. */
export function greaterOf(x: number, y: number): number {
  if (x > y) return 1.0;
  return 0.0;
}
/** x <= y, as 0 or 1. */
export function lessEqualOf(x: number, y: number): number {
  if (x <= y) return 1.0;
  return 0.0;
}
/** x >= y, as 0 or 1. */
export function greaterEqualOf(x: number, y: number): number {
  if (x >= y) return 1.0;
  return 0.0;
}
/** x = y, as 0 or 1. */
export function equalOf(x: number, y: number): number {
  if (x === y) return 1.0;
  return 0.0;
}
/** x differs from y, as 0 or 1. */
export function notEqualOf(x: number, y: number): number {
  if (x === y) return 0.0;
  return 1.0;
}
/** x where the condition is not 0, else y. */
export function whereOf(condition: number, x: number, y: number): number {
  if (condition === 0) return y;
  return x;
}
/** x itself. */
export function copyOf(x: number): number {
  return x;
}
/** x without its fraction, and never -0; 0 for NaN and infinities. */
export function truncateOf(x: number): number {
  if (x - x === 0) {
    if (x <= -1) return -Math.floor(-x);
    if (x < 0) return 0.0;
    return Math.floor(x);
  }
  return 0.0;
}
/** -x */
export function negOf(x: number): number {
  return -x;
}
/** |x| */
export function absOf(x: number): number {
  return Math.abs(x);
}
/** -1, 0 or 1 */
export function signOf(x: number): number {
  if (x > 0) return 1.0;
  if (x < 0) return -1.0;
  return x;
}
/** The largest integer that is not above x. */
export function floorOf(x: number): number {
  return Math.floor(x);
}
/** x^2 */
export function squareOf(x: number): number {
  return x * x;
}
/** 1 / x */
export function reciprocalOf(x: number): number {
  return 1.0 / x;
}
/** The square root. */
export function sqrtOf(x: number): number {
  return Math.sqrt(x);
}
/** 1 / sqrt(x) */
export function rsqrtOf(x: number): number {
  return 1.0 / Math.sqrt(x);
}
/** e^x; some drivers give infinity for NaN. */
export function expOf(x: number): number {
  if (x > 0 || x <= 0) return Math.exp(x);
  return x;
}
/** e^x - 1, by its series near 0. */
export function expm1Of(x: number): number {
  if (Math.abs(x) < 0.5)
    return (
      x *
      (1.0 +
        x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120 + x * (1 / 720 + x * (1 / 5040 + x * (1 / 40320))))))))
    );
  return expOf(x) - 1.0;
}
/** The natural logarithm. */
export function logOf(x: number): number {
  if (x * 0.5 === x) {
    if (x === 0) return -1.0 / Math.abs(x); // some drivers give finite numbers here
    if (x > 0) return x;
  }
  if (Math.abs(x - 1.0) < 0.5) return logNear(x - 1.0);
  if (x > 0) return Math.log(x);
  return (x - x) / (x - x);
}
/** log(1 + x) */
export function log1pOf(x: number): number {
  if (Math.abs(x) < 0.5) return logNear(x);
  return logOf(1.0 + x);
}
/** log(1 + x) near 0, where drivers lose digits: 2 artanh(x / (2 + x)) by its series. */
export function logNear(x: number): number {
  const s = x / (2.0 + x);
  const square = s * s;
  return (
    2.0 * s * (1.0 + square * (1 / 3 + square * (1 / 5 + square * (1 / 7 + square * (1 / 9 + square * (1 / 11))))))
  );
}
/**
 * The sine of x radians: drivers promise no more than three digits, so by quarter turns and
 * polynomials (Cephes) up to |x| = 8192.
 */
export function sinOf(x: number): number {
  if (Math.abs(x) > 8192) return Math.sin(x);
  return turned(x, 0.0);
}
/** The cosine of x radians, as the sine. */
export function cosOf(x: number): number {
  if (Math.abs(x) > 8192) return Math.cos(x);
  return turned(x, 1.0);
}
/** sin(x + quarters pi / 2), with x reduced to pi / 4 by a pi / 2 of three float32 parts. */
export function turned(x: number, quarters: number): number {
  const turns = Math.floor(x * 0.636619772367581 + 0.5);
  const r = x - turns * 1.5703125 - turns * 4.837512969970703e-4 - turns * 7.54978995489188e-8;
  const quadrant = turns + quarters - 4.0 * Math.floor((turns + quarters) * 0.25);
  const z = r * r;
  const sine = r + r * z * (-1.6666654611e-1 + z * (8.3321608736e-3 + z * -1.9515295891e-4));
  const cosine =
    1.0 - 0.5 * z + z * z * (4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5));
  if (quadrant === 0) return sine;
  if (quadrant === 1) return cosine;
  if (quadrant === 2) return -sine;
  return -cosine;
}
/**
 * The hyperbolic tangent, e / (e + 2) with e = e^2|x| - 1; 1 in float32 from |x| = 10 on. A clamped
 * |x| would lose NaN: drivers make it a minimum.
 */
export function tanhOf(x: number): number {
  if (x > 10) return 1.0;
  if (x < -10) return -1.0;
  const e = expm1Of(2.0 * Math.abs(x));
  if (x < 0) return -e / (e + 2.0);
  return e / (e + 2.0);
}
/** 1 / (1 + e^-x) */
export function sigmoidOf(x: number): number {
  if (x < 0) {
    const e = Math.exp(x);
    return e / (1.0 + e);
  }
  return 1.0 / (1.0 + expOf(-x));
}
/** log(1 + e^x) */
export function softplusOf(x: number): number {
  if (x > 0) return x + log1pOf(Math.exp(-x));
  return log1pOf(expOf(x));
}
/** max(x, 0), NaN for NaN: with two branches, drivers make it a maximum. */
export function reluOf(x: number): number {
  if (x > 0) return x;
  if (x <= 0) return 0.0;
  return x + x;
}
/**
 * The error function to float32 accuracy: x p(x^2) / q(x^2), the rational approximation of Eigen, 1
 * from |x| = 4 on.
 */
export function erfOf(x: number): number {
  if (x > 4) return 1.0;
  if (x < -4) return -1.0;
  const s = x * x;
  const p =
    -1.60960333262415e-2 +
    s *
      (-2.95459980854025e-3 +
        s *
          (-7.34990630326855e-4 +
            s *
              (-5.69250639462346e-5 +
                s * (-2.10102402082508e-6 + s * (2.77068142495902e-8 + s * -2.72614225801306e-10)))));
  const q =
    -1.42647390514189e-2 +
    s * (-7.37332916720468e-3 + s * (-1.68282697438203e-3 + s * (-2.13374055278905e-4 + s * -1.45660718464996e-5)));
  return (x * p) / q;
}

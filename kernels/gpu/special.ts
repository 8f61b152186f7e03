// On WebGL GPU.js defines a function too late that calls others and that two functions of a kernel
// call. So in each kernel here only one function calls logOf or log1pOf.
import { log1pOf, logOf, powOf, turned } from './elementwise.js';

/** The nearest integer, of two the even one. */
export function roundOf(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest > 0.5) return low + 1.0;
  if (rest === 0.5) return low + (low - 2.0 * Math.floor(low * 0.5));
  return low;
}
/** x - y floor(x / y), with the sign of y. */
export function modOf(x: number, y: number): number {
  if (Math.abs(x) < Math.abs(y)) {
    if (x * y < 0) return x + y;
    return x;
  }
  const rest = x - y * Math.floor(x / y);
  if (y > 0) {
    if (rest < 0) return rest + y;
    if (rest >= y) return rest - y;
  } else {
    if (rest > 0) return rest + y;
    if (rest <= y) return rest - y;
  }
  return rest;
}
/**
 * The inverse of the error function in single precision, by two polynomials in the logarithm of 1 -
 * x^2 (Giles 2010).
 */
export function erfinvOf(x: number): number {
  if (Math.abs(x) === 1) return x / (1.0 - Math.abs(x));
  let w = -logOf((1.0 - x) * (1.0 + x));
  if (w < 5) {
    w -= 2.5;
    return (
      x *
      (1.50140941 +
        w *
          (0.246640727 +
            w *
              (-0.00417768164 +
                w *
                  (-0.00125372503 +
                    w *
                      (0.00021858087 +
                        w * (-4.39150654e-6 + w * (-3.5233877e-6 + w * (3.43273939e-7 + w * 2.81022636e-8))))))))
    );
  }
  w = Math.sqrt(w) - 3.0;
  return (
    x *
    (2.83297682 +
      w *
        (1.00167406 +
          w *
            (0.00943887047 +
              w *
                (-0.0076224613 +
                  w *
                    (0.00573950773 +
                      w * (-0.00367342844 + w * (0.00134934322 + w * (0.000100950558 + w * -0.000200214257))))))))
  );
}
/** sin(pi x) of what x is beyond its nearest integer. */
export function sinPi(x: number): number {
  return turned((x - roundOf(x)) * 3.141592653589793, 0.0);
}
/** log gamma(2 + z) for |z| at most 1/2, by its series. */
export function gammaAround2(z: number): number {
  return (
    z *
    (0.4227843351 +
      z *
        (0.3224670334 +
          z *
            (-0.0673523011 +
              z *
                (0.0205808084 +
                  z *
                    (-0.007385551 +
                      z *
                        (0.0028905103 +
                          z *
                            (-0.0011927539 +
                              z * (0.0005096695 + z * (-0.0002231548 + z * (0.0000994576 + z * -0.0000449263))))))))))
  );
}
/**
 * log |gamma(x)|: the series around 1 and 2, products up to 8, Stirling's series beyond, and
 * reflection below 1/2.
 */
export function lgammaOf(x: number): number {
  if (x * 0.5 === x) {
    if (x === 0) return 1.0 / Math.abs(x);
    return Math.abs(x);
  }
  let at = x;
  let sine = 1.0;
  if (x < 0.5) {
    at = 1.0 - x;
    sine = Math.abs(sinPi(x));
    if (sine === 0) return 1.0 / sine;
  }
  let value = 0.0;
  if (at < 1.5) {
    value = gammaAround2(at - 1.0) - log1pOf(at - 1.0);
  } else if (at < 8) {
    let product = 1.0;
    for (let i = 0; i < 6; i++) {
      if (at > 2.5) {
        at -= 1.0;
        product *= at;
      }
    }
    value = gammaAround2(at - 2.0) + log1pOf(product - 1.0);
  } else {
    value = at * (log1pOf(at - 1.0) - 1.0);
    if (value < 3e38) value += 0.9189385332 - 0.5 * log1pOf(at - 1.0) + (1.0 / 12 - 1.0 / 360 / at / at) / at;
  }
  if (x < 0.5) return log1pOf(3.141592653589793 / sine - 1.0) - value;
  return value;
}
/** The derivative of log gamma, below 1/2 by reflection. */
export function digammaOf(x: number): number {
  if (x === 0) return -1.0 / x;
  let at = x;
  let total = 0.0;
  if (x < 0.5) {
    at = 1.0 - x;
    const sine = sinPi(x);
    if (sine === 0) return (x - x) / (x - x);
    total = (-3.141592653589793 * turned((x - roundOf(x)) * 3.141592653589793, 1.0)) / sine;
  }
  for (let i = 0; i < 8; i++) {
    if (at < 8) {
      total -= 1.0 / at;
      at += 1.0;
    }
  }
  return total + (logOf(at) - (0.5 + (1.0 / 12 - 1.0 / 120 / at / at) / at) / at);
}
/** The sum of (x + k)^-s over k = 0, 1, ..., as Euler and Maclaurin have it from 8 on. */
export function zetaOf(s: number, x: number): number {
  let at = x;
  let total = 0.0;
  for (let i = 0; i < 8; i++) {
    if (at < 8) {
      total += powOf(at, -s);
      at += 1.0;
    }
  }
  const last = powOf(at, -s);
  const third = ((s / at) * ((s + 1.0) / at) * ((s + 2.0) / at)) / 720;
  return total + last * (at / (s - 1.0) + 0.5 + s / at / 12 - third);
}

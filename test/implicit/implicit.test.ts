import assert from 'node:assert/strict';
import {
  add,
  customFixedPoint,
  customRoot,
  customVjp,
  grad,
  linearSolve,
  mul,
  reciprocal,
  sub,
  type Tensor,
} from 'bigrad';
import { near } from '../support/close.js';
import { f64 } from '../support/numbers.js';

describe('an implicit function', () => {
  // Each is 1 / c or c / 2 by another way, with c as deep as in `twice` below.
  const ways: Record<string, [f: (c: Tensor) => Tensor, at3: number]> = {
    'a root': [
      (c) =>
        customRoot(
          (x: Tensor) => sub(mul(x, c), 1),
          () => ({ x: f64(1 / 3) }),
        )().x,
      -1 / 9,
    ],
    'a root in an argument': [
      (c) =>
        customRoot(
          (x: Tensor, d: Tensor) => sub(mul(x, d), 1),
          (d) => ({ x: reciprocal(d) }),
        )(c).x,
      -1 / 9,
    ],
    'a fixed point': [
      (c) =>
        customFixedPoint(
          (x: Tensor) => mul(add(x, mul(c, 0.5)), 0.5),
          () => ({ x: f64(1.5) }),
        )().x,
      0.5,
    ],
    'a solve in its matrix': [(c) => linearSolve((v: Tensor) => mul(v, c), f64(1)).x, -1 / 9],
    'a solve in its right-hand side': [(c) => linearSolve((v: Tensor) => mul(v, 2), c).x, 0.5],
  };
  for (const [name, [f, slope]] of Object.entries(ways))
    it(`passes on its cotangents once, when it has them all: ${name}`, () => {
      let runs = 0;
      const same = customVjp(
        (c: Tensor) => c,
        (g) => (runs++, g),
      );
      const twice = (x: Tensor): Tensor => {
        const c = same(mul(add(x, 0), 1));
        return add(mul(f(c), 2), c);
      };
      near(grad(twice)(f64(3)), 2 * slope + 1, 1e-9);
      assert.equal(runs, 1);
    });
});

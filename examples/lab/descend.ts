import { mapTree, mul, sub, type Tensor } from 'bigrad';

/** x - rate * gradient, leaf by leaf; leaves without a gradient stay. */
export const descend = <T>(x: T, gradient: unknown, rate: Tensor | number): T =>
  mapTree((p, g?: Tensor) => (g ? sub(p, mul(g, rate)) : p), x, gradient);

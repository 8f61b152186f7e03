import { vjp, type Gradient, type Tensor } from 'bigrad';

/** Values and the pullback of them, so that the kernels of the rules run too. */
export const withPullback =
  (f: (...xs: Tensor[]) => unknown, n: number) =>
  (...all: Tensor[]): unknown => {
    const [y, pull] = vjp((xs: Tensor[]) => f(...xs) as Tensor | Tensor[], all.slice(0, n));
    return [y, pull((all.length > n ? all[n] : y) as Gradient<Tensor | Tensor[]>)];
  };

import type { AdamAttrs } from '../../../../ops/adam-step.js';
import { planned, type Pointers, type SimdOp } from './op.js';

export const adamStep: SimdOp<AdamAttrs> = {
  inOrder: true,
  plan: ({ kernels }, _, __, [p], { beta1, beta2, eps, epsRoot }) => {
    const { size } = p!.view;
    return planned((at) => {
      kernels.adamStep(...(at as Pointers<10>), size, beta1, 1 - beta1, beta2, 1 - beta2, eps, epsRoot);
    });
  },
};

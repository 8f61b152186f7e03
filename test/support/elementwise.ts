/** Ops of one operand alone, by the names under which they are exported. */
export const unaryOps = [
  ...(['neg', 'abs', 'sign', 'square', 'floor', 'reciprocal', 'sqrt', 'rsqrt', 'exp', 'expm1', 'log'] as const),
  ...(['log1p', 'sin', 'cos', 'tanh', 'sigmoid', 'softplus', 'relu', 'erf', 'gelu'] as const),
] as const;

/** Ops of one operand alone, by the names under which they are exported. */
export const unaryOps = [
  ...(['neg', 'abs', 'sign', 'square', 'floor', 'reciprocal', 'sqrt', 'rsqrt', 'exp', 'expm1', 'log'] as const),
  ...(['log1p', 'sin', 'cos', 'tanh', 'sigmoid', 'softplus', 'relu', 'erf', 'gelu'] as const),
  ...(['ceil', 'round', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'asinh', 'acosh', 'atanh'] as const),
  ...(['erfinv', 'lgamma', 'digamma', 'sinc'] as const),
] as const;

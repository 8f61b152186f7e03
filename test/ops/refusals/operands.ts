import { zeros } from 'bigrad';

// Tensors of one shape, of each dtype.
export const x = zeros([2, 3]);
export const f64 = zeros([2, 3], { dtype: 'float64' });
export const ints = zeros([2, 3], { dtype: 'int32' });

import type { DType } from 'bigrad';

const word = new DataView(new ArrayBuffer(8));

/** The place of a number among all of its dtype, in their order; both zeros have the same. */
const placeOf = (x: number, dtype: DType): bigint => {
  if (dtype === 'float32') word.setFloat32(0, x);
  else word.setFloat64(0, x);
  const bits = dtype === 'float32' ? BigInt(word.getInt32(0)) : word.getBigInt64(0);
  const magnitude = bits & (dtype === 'float32' ? 0x7fff_ffffn : 0x7fff_ffff_ffff_ffffn);
  return bits < 0n ? -magnitude : magnitude;
};

/**
 * How many numbers of a float dtype two numbers are apart: 1 for neighbours, of which infinity is
 * one; 0 for two NaNs; infinite where one is NaN.
 */
export function ulps(x: number, y: number, dtype: DType): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) && Number.isNaN(y) ? 0 : Infinity;
  const distance = placeOf(x, dtype) - placeOf(y, dtype);
  return Number(distance < 0n ? -distance : distance);
}

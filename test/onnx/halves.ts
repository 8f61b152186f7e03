import * as b from 'bigrad';
import type { Tensor } from 'bigrad';

/** What floats of a kind hold: digits in base 2, the least exponent, and where infinity begins. */
interface Kind {
  readonly digits: number;
  readonly least: number;
  readonly infinite: number;
  /** What is done with further digits: ONNX 1.12 cuts them off for bfloat16. */
  readonly whole: (x: Tensor) => Tensor;
}
const KINDS: Readonly<Record<string, Kind>> = {
  float16: { digits: 11, least: -14, infinite: 65520, whole: b.round },
  bfloat16: { digits: 8, least: -126, infinite: 2 ** 128, whole: b.floor },
};

/** x as float32, with the numbers that floats of 16 bits have; other types change nothing. */
export function narrowed(x: Tensor, type: string | undefined): Tensor {
  const kind = type === undefined ? undefined : KINDS[type];
  if (!kind) return x;
  const wide = b.cast(x, 'float64');
  const size = b.abs(wide);
  const exponent = b.floor(b.div(b.log(b.maximum(size, 2 ** kind.least)), Math.LN2));
  const unit = b.pow(2, b.sub(exponent, kind.digits - 1));
  const finite = b.mul(kind.whole(b.div(size, unit)), unit);
  const held = b.where(b.greaterEqual(size, kind.infinite), Infinity, finite);
  return b.cast(b.mul(held, b.sign(wide)), 'float32');
}

import { oneOf, positive, whole } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { add, at, concat, fromTypedArray, mul, neg, reshape, stack } from '../ops/index.js';

/** Which positions x has, and how fast they turn. */
export interface PositionOptions {
  /** The longest wave is 2 pi times as long; 10,000 by default. */
  readonly base?: number;
  /** The position of the first row of x; 0 by default. */
  readonly start?: number;
}

const positionChecks = { base: positive, start: whole };

/** [length, width] of a float tensor [..., length, width] of even width. */
function sizes(who: string, x: Tensor): [length: number, width: number] {
  const [length, width] = checkFloat(who, x).shape.slice(-2);
  if (width === undefined || length === undefined || width % 2 !== 0)
    throw new RangeError(`${who}: expected x [..., length, width] with an even width, got ${show(x.shape)}`);
  return [length, width];
}

/** A table [length, width] of x's dtype and device, of angles position / base^(2 i / width). */
function table(
  x: Tensor,
  [length, width]: readonly [number, number],
  { base = 10_000, start = 0 }: PositionOptions,
  of: (angle: (i: number) => number, column: number) => number,
): Tensor {
  const data = new (x.dtype === 'float64' ? Float64Array : Float32Array)(length * width);
  for (let p = 0; p < length; p++) {
    const angle = (i: number): number => (start + p) / base ** ((2 * i) / width);
    for (let j = 0; j < width; j++) data[p * width + j] = of(angle, j);
  }
  return fromTypedArray(x.device, data, [length, width]);
}

/**
 * x [..., length, width] plus the sine of position / base^(2i/width) in column 2i, and the cosine
 * in column 2i + 1 (Vaswani et al. 2017).
 * @example
 * sinusoidalPositions(zeros([2, 2])); // float32[2,2] on cpu [[0, 1], [0.841471, 0.540302]]
 */
export function sinusoidalPositions(x: Tensor, options: PositionOptions = {}): Tensor {
  const checked = checkOptions('sinusoidalPositions', options, positionChecks);
  const wave = (angle: (i: number) => number, j: number): number =>
    j % 2 === 0 ? Math.sin(angle(j / 2)) : Math.cos(angle((j - 1) / 2));
  return add(x, table(x, sizes('sinusoidalPositions', x), checked, wave));
}

/** Which columns of x turn together. */
export interface RotaryOptions extends PositionOptions {
  /**
   * 'neighbours' (default): columns 2i and 2i + 1, as in the paper. 'halves': columns i and i +
   * width/2, as in most published weights.
   */
  readonly pairs?: 'neighbours' | 'halves';
}

/**
 * x [..., length, width] with each pair of columns turned by the angle position / base^(2i/width):
 * products of rows depend on the distance of their positions alone (Su et al. 2021).
 * @example
 * rotary(tensor([[1, 0], [1, 0]])); // float32[2,2] on cpu [[1, 0], [0.540302, 0.841471]]
 */
export function rotary(x: Tensor, options: RotaryOptions = {}): Tensor {
  const { pairs = 'neighbours', ...rest } = checkOptions('rotary', options, {
    ...positionChecks,
    pairs: oneOf('neighbours', 'halves'),
  });
  const size = sizes('rotary', x);
  const half = size[1] / 2;
  const near = pairs === 'neighbours';
  const pairOf = (j: number): number => (near ? Math.floor(j / 2) : j % half);
  const cos = table(x, size, rest, (angle, j) => Math.cos(angle(pairOf(j))));
  const sin = table(x, size, rest, (angle, j) => Math.sin(angle(pairOf(j))));
  return add(mul(x, cos), mul(near ? turned(x) : turnedHalves(x, half), sin));
}

/** (a, b) into (-b, a), for columns beside each other. */
function turned(x: Tensor): Tensor {
  const both = reshape(x, [...x.shape.slice(0, -1), x.shape.at(-1)! / 2, 2]);
  return reshape(stack([neg(at(both, ['...', 1])), at(both, ['...', 0])], -1), x.shape);
}
const turnedHalves = (x: Tensor, half: number): Tensor =>
  concat([neg(at(x, ['...', [half, null]])), at(x, ['...', [0, half]])], -1);

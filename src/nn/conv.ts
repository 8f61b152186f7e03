import type { Tensor } from '../core/tensor.js';
import { checkFloat } from '../core/op.js';
import { aFunction, count, flag } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { isList } from '../core/plain.js';
import { sizeOf, type Shape } from '../core/shape.js';
import {
  add,
  checkKey,
  conv1dOf,
  conv2dOf,
  conv3dOf,
  geometryOf,
  reshape,
  splitKey,
  type AxesConvOptions,
  type Pair,
} from '../ops/index.js';
import { convChecks } from '../ops/conv.js';
import { lengthsOf, pairOf } from '../ops/window.js';
import { withChannels, type Channels } from './channels.js';
import { checkTensors } from './check.js';
import { kaimingUniform, uniform, type Initializer } from './initializers.js';
import { initChecks, type Layer } from './layer.js';
import { show } from '../core/words.js';

/** Parameters of `conv`. */
export interface ConvParams {
  /** [out, in/groups, r, s]; [out, in/groups, k] for rows, [out, in/groups, t, r, s] for volumes */
  readonly weight: Tensor;
  /** [out] */
  readonly bias?: Tensor;
}
/**
 * Geometry of the convolution, whether it has a bias (true by default), and how its weight starts.
 */
export interface ConvLayerOptions extends AxesConvOptions {
  readonly bias?: boolean;
  /** Uniform in +-1/sqrt(in/groups r s) by default, as PyTorch. */
  readonly weight?: Initializer;
}

/** The axes of images, by how many there are. */
const AXES = ['l', 'h,w', 'd,h,w'] as const;

/** The size of the filters along each axis: a number is that of a square. */
function sizesOf(kernel: number | readonly number[]): readonly number[] {
  if (typeof kernel === 'number' || !isList(kernel) || kernel.length === 2)
    return pairOf('conv', 'kernel', kernel as Pair, 1);
  const axes = kernel.length;
  if (axes !== 1 && axes !== 3)
    throw new RangeError(`conv: expected kernel as a number or a list of 1 to 3, got ${show(kernel)}`);
  return lengthsOf('conv', 'kernel', kernel, 1, axes);
}

/**
 * A convolution with a bias per channel: x [n,in,h,w] into [n,out,p,q]. A kernel [k] is for rows
 * [n,in,l], and [t,r,s] for volumes [n,in,d,h,w]. With `groups` equal to `in` it is depthwise.
 * @param inputs channels of x
 * @param outputs channels of the result
 * @param kernel size of the filters: a number for both axes of images, or a list of one for each
 * @example
 * const layer = conv(1, 8, 3, { padding: 1 });
 * const params = layer.init(randomKey(0));
 * layer.apply(params, ones([4, 1, 28, 28])).shape; // [ 4, 8, 28, 28 ]
 * const rows = conv(1, 8, [5]);
 * rows.apply(rows.init(randomKey(0)), ones([4, 1, 28])).shape; // [ 4, 8, 24 ]
 */
export function conv(
  inputs: number,
  outputs: number,
  kernel: number | readonly number[],
  options: ConvLayerOptions = {},
): Layer<ConvParams> {
  const {
    bias = true,
    weight = kaimingUniform({ gain: 1 / Math.sqrt(3) }),
    ...rest
  } = checkOptions('conv', options, {
    ...convChecks,
    bias: flag,
    weight: aFunction,
  });
  const sizes = sizesOf(kernel);
  const geometry = geometryOf('conv', rest, sizes.length);
  const perGroup = count('conv', 'in / groups', count('conv', 'in', inputs) / geometry.groups);
  count('conv', 'out / groups', count('conv', 'out', outputs) / geometry.groups);
  const shape = [outputs, perGroup, ...sizes];
  const convolve = [conv1dOf, conv2dOf, conv3dOf][sizes.length - 1]!;
  const layer: Layer<ConvParams> = {
    name: 'conv',
    init: (given, options = {}) => {
      const init = checkOptions('conv', options, initChecks);
      const [k1, k2] = splitKey(checkKey('conv', given));
      const w = weight(k1, shape, init);
      return bias ? { weight: w, bias: uniform(k2, [outputs], 1 / Math.sqrt(perGroup * sizeOf(sizes)), init) } : { weight: w }; // prettier-ignore
    },
    apply: (params, x) => {
      checkTensors(
        'conv',
        params,
        { weight: shape, ...((params as ConvParams | undefined)?.bias !== undefined && { bias: [outputs] }) },
        checkFloat('conv', x),
      );
      if (x.shape.length !== shape.length || x.shape[1] !== inputs)
        throw new RangeError(`conv: expected x [n,${inputs},${AXES[sizes.length - 1]!}], got ${show(x.shape)}`);
      const y = convolve('conv', x, params.weight, geometry);
      return params.bias ? add(y, reshape(params.bias, [1, outputs, ...sizes.map(() => 1)])) : y;
    },
  };
  const again = (from: number, to: number, more: ConvLayerOptions) =>
    conv(from, to, kernel, { ...rest, bias, weight, ...more });
  return withChannels(layer, channelsOfConv(inputs, shape, geometry, again));
}

/** What a convolution tells of its channels: nothing where there are groups of several. */
function channelsOfConv(
  inputs: number,
  shape: Shape,
  { groups, padding }: ReturnType<typeof geometryOf>,
  again: (inputs: number, outputs: number, options: ConvLayerOptions) => Layer<ConvParams>,
): Channels | undefined {
  const rank = shape.length;
  const padded = padding.some((sides) => sides.some((n) => n > 0));
  if (groups === 1)
    return { kind: 'mixes', shape, rank, padded, resized: (from, to, bias) => again(from, to, { bias }) };
  if (groups !== inputs || inputs !== shape[0]) return undefined;
  return { kind: 'each', channels: inputs, rank, factor: 'weight', resized: (n) => again(n, n, { groups: n }) };
}

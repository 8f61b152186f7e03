import { fromTypedArray } from '../../ops/index.js';
import { allocate } from '../../core/dtype.js';
import type { Shape } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { placesOf, rootOf, type Flow, type Group } from './flow.js';

/** Weights and bias of a layer whose outputs are sums over all inputs. */
interface MixParams {
  readonly weight: Tensor;
  readonly bias?: Tensor;
}

/** A layer that mixes channels, with what is to know of its weights. */
export interface Mixing {
  readonly path: string;
  readonly name: string;
  /** What comes in; undefined where its channels are not known, and all stay. */
  readonly from: Flow | undefined;
  /** Channels that go out. */
  readonly to: Group;
  readonly inputs: number;
  readonly padded: boolean;
  readonly params: MixParams;
  /** For each output and input channel, [out, in]: the sum of its weights. */
  readonly sums: Float64Array;
  /** And whether any of them is not 0. */
  readonly reads: Uint8Array;
}

/** Looks at the weights of a layer that mixes channels. */
export function mixingOf(known: Omit<Mixing, 'sums' | 'reads' | 'inputs'>): Mixing {
  const { params, from, to } = known;
  const inputs = from ? from.group.size : params.weight.shape[1]!;
  const weights = params.weight.readSync();
  const span = weights.length / (to.size * inputs); // weights of one channel in one output
  const sums = new Float64Array(to.size * inputs);
  const reads = new Uint8Array(sums.length);
  weights.forEach((w, i) => {
    const at = Math.floor(i / span);
    sums[at]! += w;
    if (w !== 0) reads[at] = 1;
  });
  return { ...known, inputs, sums, reads };
}

/** The value of each output that is the same for every x, and NaN for the others. */
export function constantsOf({ from, to, inputs, padded, params, sums, reads }: Mixing): Float64Array {
  const bias = params.bias?.readSync();
  const constants = new Float64Array(to.size);
  for (let o = 0; o < to.size; o++) {
    let total = bias?.[o] ?? 0;
    for (let c = 0; c < inputs; c++) {
      if (!reads[o * inputs + c]) continue;
      const value = from ? from.constants[c]! : NaN;
      // Zeros around x make a constant smaller at the border.
      total += padded && value !== 0 ? NaN : value * sums[o * inputs + c]!;
    }
    constants[o] = Number.isFinite(total) ? total : NaN;
  }
  return constants;
}

/** What becomes of a group: the channels that stay, and the one that stands for constants. */
export interface Kept {
  readonly channels: readonly number[];
  /** A constant channel to which layers with padding add the other ones. */
  readonly stand: number | undefined;
}

/**
 * Weights and bias for the channels that stay. A constant channel that goes is added to the bias,
 * or with padding to the weights of the channel that stands for it.
 */
export function narrowed(mixing: Mixing, keptOf: (group: Group) => Kept): MixParams {
  const { from, to, inputs, padded, params, sums } = mixing;
  const { dtype, device, shape } = params.weight;
  const weights = Float64Array.from(params.weight.readSync());
  const span = weights.length / (to.size * inputs);
  const bias = Float64Array.from(params.bias?.readSync() ?? new Float64Array(to.size));
  let [columns, shifted] = [Array.from({ length: inputs }, (_, c) => c), false];
  if (from) {
    const { channels, stand } = keptOf(rootOf(from.group));
    const stays = new Set(channels);
    columns = [...channels];
    for (let c = 0; c < inputs; c++) {
      const value = from.constants[c]!;
      if (stays.has(c) || value === 0 || value !== value) continue;
      for (let o = 0; o < to.size; o++) {
        if (!padded) {
          bias[o]! += value * sums[o * inputs + c]!;
          shifted ||= sums[o * inputs + c] !== 0;
        } else if (stand !== undefined) {
          const ratio = value / from.constants[stand]!;
          for (let i = 0; i < span; i++)
            weights[(o * inputs + stand) * span + i]! += ratio * weights[(o * inputs + c) * span + i]!;
        }
      }
    }
  }
  const rows = keptOf(rootOf(to)).channels;
  const data = allocate(dtype, rows.length * columns.length * span);
  let at = 0;
  for (const o of rows) for (const i of placesOf(columns, span)) data[at++] = weights[o * inputs * span + i]!;
  const narrow: Shape = [rows.length, columns.length * (from?.block ?? 1), ...shape.slice(2)];
  const weight = fromTypedArray(device, data, narrow);
  if (!params.bias && !shifted) return { weight };
  const own = allocate(dtype, rows.length);
  rows.forEach((o, i) => (own[i] = bias[o]!));
  return { weight, bias: fromTypedArray(device, own, [rows.length]) };
}

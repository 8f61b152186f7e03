import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';

/** Any layer, with or without state. */
export interface Part {
  readonly name?: string;
  init(key: Tensor, options?: object): unknown;
  // Its parameters are its own affair.
  apply(params: never, x: Tensor, ...rest: never[]): unknown;
  initState?(params: never): unknown;
}

/** How a layer's channels hang together, and the same layer with fewer of them. */
export type Channels =
  | {
      /** Each output is a sum over all inputs times a weight [out, in, ...], plus a bias. */
      readonly kind: 'mixes';
      /** Of the weight. */
      readonly shape: Shape;
      /** The rank of x, whose axis 1 has the channels; undefined where the last axis has them. */
      readonly rank: number | undefined;
      /** Whether zeros stand around x, so that a constant channel is none at the border. */
      readonly padded: boolean;
      resized(inputs: number, outputs: number, bias: boolean): Part;
    }
  | {
      /** Each output reads its own input alone. */
      readonly kind: 'each';
      /** How many there are; undefined for any number. */
      readonly channels?: number;
      /** The rank of x, whose axis 1 has the channels; undefined for any. */
      readonly rank?: number;
      /** The parameter of which 0 makes a channel constant. */
      readonly factor?: string;
      resized(channels: number): Part;
    }
  /** Items one after another. */
  | { readonly kind: 'chain'; readonly items: readonly unknown[]; rebuilt(items: readonly unknown[]): Part }
  | {
      /** A path beside a shortcut, which is x itself where it is absent. */
      readonly kind: 'sum';
      readonly path: Part;
      readonly shortcut?: Part;
      readonly activation?: (x: Tensor) => Tensor;
      rebuilt(path: Part, shortcut: Part | undefined): Part;
    };

const CHANNELS = Symbol('channels');

/**
 * The layer, which tells `compact` of its channels. A copy by spreading tells nothing: its `apply`
 * may be another one.
 */
export const withChannels = <L extends object>(layer: L, channels: Channels | undefined): L =>
  channels ? Object.defineProperty(layer, CHANNELS, { value: channels }) : layer;

/** What a layer tells of its channels. */
export const channelsOf = (layer: object): Channels | undefined =>
  (layer as { readonly [CHANNELS]?: Channels })[CHANNELS];

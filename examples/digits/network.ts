import { globalAvgPool2d, relu, resize, type Tensor } from 'bigrad';
import { batchNorm2d, conv, kaimingNormal, linear, residual, sequential, type StatefulLayer } from 'bigrad/nn';
import { twoHeads, type Network } from '../lab/network.js';
import type { NetworkChoice } from '../lab/records.js';

const convolution = (from: number, to: number, size: number, stride: number) =>
  conv(from, to, size, {
    stride,
    padding: (size - 1) / 2,
    bias: false,
    weight: kaimingNormal({ fan: 'out' }),
  });

/** A basic residual block (He et al. 2016): two convolutions with batch norm beside a shortcut. */
export function residualBlock(from: number, to: number, stride: number): StatefulLayer<object, object> {
  const path = sequential([
    convolution(from, to, 3, stride),
    batchNorm2d(to),
    relu,
    convolution(to, to, 3, 1),
    batchNorm2d(to),
  ]);
  if (from === to && stride === 1) return residual(path, { activation: relu });
  return residual(path, {
    shortcut: sequential([convolution(from, to, 1, stride), batchNorm2d(to)]),
    activation: relu,
  });
}

/** Images [n,channels,...] into outputs: three basic residual blocks of 8, 16 and 32 channels. */
export const digitNetwork = (outputs: number, channels = 1): Network =>
  twoHeads(
    `residual 8-16-32, ${channels === 1 ? '' : `${channels}, `}${outputs}`,
    sequential([residualBlock(channels, 8, 1), residualBlock(8, 16, 2), residualBlock(16, 32, 2), globalAvgPool2d]),
    linear(32, outputs),
  );

const RESNET_SIDE = 32;

/**
 * ResNet-18 (He et al. 2016) for images [n,channels,32,32], as is usual at this size: a first
 * convolution of 3 x 3, and no pooling after it. Images of another size are resized first.
 */
export function resNet18(outputs: number, channels = 3, side = RESNET_SIDE): Network {
  const trunk: StatefulLayer<object, object> = sequential([
    convolution(channels, 64, 3, 1),
    batchNorm2d(64),
    relu,
    ...([64, 128, 256, 512] as const).flatMap((to, i) => [
      residualBlock(i === 0 ? 64 : to / 2, to, i === 0 ? 1 : 2),
      residualBlock(to, to, 1),
    ]),
    globalAvgPool2d,
  ]);
  const larger = (x: Tensor): Tensor => (side === RESNET_SIDE ? x : resize(x, RESNET_SIDE, { method: 'linear' }));
  const resized: typeof trunk = { ...trunk, apply: (params, x, ...rest) => trunk.apply(params, larger(x), ...rest) };
  return twoHeads(`ResNet-18, ${channels}, ${outputs}`, resized, linear(512, outputs));
}

/** A network for images, made for so many outputs and for images [n,channels,side,side]. */
interface ImageNetwork extends NetworkChoice {
  readonly make: (outputs: number, channels: number, side: number) => Network;
}

/** The networks for images that a command can name, the default first. */
export const NETWORKS: readonly ImageNetwork[] = [
  { name: 'residual', title: 'three residual blocks of 8, 16 and 32 channels', stepSeconds: 0.03, make: digitNetwork },
  { name: 'resnet-18', title: 'ResNet-18 at 32 x 32: hundreds of times the work', stepSeconds: 20, make: resNet18 },
];

/** One of these networks for images of a shape, by the number of its outputs. */
export const networkNamed =
  (name: string, [channels, side]: readonly [channels: number, side: number, ...rest: number[]]) =>
  (outputs: number): Network =>
    NETWORKS.find((network) => network.name === name)!.make(outputs, channels, side);

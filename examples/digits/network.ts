import { globalAvgPool2d, relu } from 'bigrad';
import { batchNorm2d, conv, kaimingNormal, linear, residual, sequential, type StatefulLayer } from 'bigrad/nn';
import { twoHeads, type Network } from '../lab/network.js';

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

/** Digits [n,1,14,14] into outputs: three basic residual blocks of 8, 16 and 32 channels. */
export const digitNetwork = (outputs: number): Network =>
  twoHeads(
    `residual 8-16-32, ${outputs}`,
    sequential([residualBlock(1, 8, 1), residualBlock(8, 16, 2), residualBlock(16, 32, 2), globalAvgPool2d]),
    linear(32, outputs),
  );

/**
 * ResNet-18 (He et al. 2016) for images [n,channels,32,32], as is usual at this size: a first
 * convolution of 3 x 3, and no pooling after it.
 */
export const resNet18 = (outputs: number, channels = 3): Network =>
  twoHeads(
    `ResNet-18, ${channels}, ${outputs}`,
    sequential([
      convolution(channels, 64, 3, 1),
      batchNorm2d(64),
      relu,
      ...([64, 128, 256, 512] as const).flatMap((to, i) => [
        residualBlock(i === 0 ? 64 : to / 2, to, i === 0 ? 1 : 2),
        residualBlock(to, to, 1),
      ]),
      globalAvgPool2d,
    ]),
    linear(512, outputs),
  );

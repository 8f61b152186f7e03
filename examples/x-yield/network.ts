import { maxPool2d, relu, type Tensor } from 'bigrad';
import { batchNorm2d, conv, flatten, kaimingNormal, linear, sequential } from 'bigrad/nn';
import { twoHeads, type Network } from '../lab/network.js';

const convolution = (from: number, to: number) =>
  conv(from, to, 3, { padding: 1, weight: kaimingNormal({ fan: 'out' }) });
const pool = (x: Tensor) => maxPool2d(x, 2, { stride: 2, padding: 1 });

/**
 * Pseudo-images [n,2,9,18] into 64 features: three convolutions with batch norm, two poolings, one
 * linear layer.
 */
export const alloyTrunk = () =>
  sequential([
    convolution(2, 16),
    batchNorm2d(16),
    relu,
    pool,
    convolution(16, 32),
    batchNorm2d(32),
    relu,
    pool,
    convolution(32, 64),
    batchNorm2d(64),
    relu,
    flatten,
    linear(1152, 64),
    relu,
  ]);

/** 64 features into outputs, such as one strength in GPa. */
export const alloyHead = (outputs: number) => linear(64, outputs, { bias: false });

/** The network of the paper for alloys. */
export const alloyNetwork = (outputs: number): Network =>
  twoHeads(`conv 16-32-64, ${outputs}`, alloyTrunk(), alloyHead(outputs));

import {
  compile,
  conv2d,
  fromTypedArray,
  leaves,
  maxPool2d,
  mean,
  reference,
  square,
  tanh,
  valueAndGrad,
  type Backend,
  type Tensor,
} from 'bigrad';
import { createCpu } from '../../../src/backends/cpu/device.js';
import { bestBuild } from '../../../src/backends/cpu/simd/wasm/build.js';

const wave = (shape: readonly number[], device: Backend): Tensor =>
  fromTypedArray(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
    shape,
    { device },
  );

/**
 * A convolution's loss and gradient on cpu, eager and compiled: how far they are from the reference
 * device, by which kernels.
 */
export function cpuDevice() {
  const f = (x: Tensor, w: Tensor) =>
    valueAndGrad((v: Tensor) => mean(square(maxPool2d(tanh(conv2d(x, v, { padding: 1 })), 2))))(w);
  const compiled = compile(f);
  const operands = (device: Backend) => [wave([4, 3, 12, 12], device), wave([16, 3, 3, 3], device)] as const;
  const values = (tree: unknown): number[] => leaves(tree).flatMap((x) => [...x.readSync()]);
  const wanted = values(f(...operands(reference)));
  const error = (tree: unknown): number =>
    values(tree).reduce((worst, v, i) => Math.max(worst, Math.abs(v - wanted[i]!)), 0);
  const device = createCpu();
  compiled(...operands(device));
  return {
    build: bestBuild() ?? 'none',
    isolated: Reflect.get(globalThis, 'crossOriginIsolated') === true,
    eager: error(f(...operands(device))),
    compiled: error(compiled(...operands(device))),
    traces: compiled.traces,
    steps: compiled.stats?.steps ?? 0,
  };
}

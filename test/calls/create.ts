import * as bigrad from 'bigrad';
import { call, type Call } from './call.js';
import { doubled, x } from './values.js';

const { cpu, reference } = bigrad;
const where = () => ({ dtype: 'float64', device: reference });

/** Calls of the functions that make tensors and devices. */
export const create: readonly Call[] = [
  call(
    'tensor',
    () => [
      [
        [1, 2],
        [3, 4],
      ],
      where(),
    ],
    bigrad.tensor,
    { options: 1 },
  ),
  call('fromTypedArray', () => [Float64Array.of(1, 2, 3, 4), [2, 2], { device: reference }], bigrad.fromTypedArray, {
    options: 2,
  }),
  call('zeros', () => [[2, 3], where()], bigrad.zeros, { options: 1 }),
  call('ones', () => [[2, 3], where()], bigrad.ones, { options: 1 }),
  call('full', () => [[2, 3], 1.5, where()], bigrad.full, { options: 2 }),
  call('arange', () => [1, 4, { step: 2, ...where() }], bigrad.arange, { options: 2 }),
  call('arange', () => [3, where()], bigrad.arange, { options: 1 }),
  call('linspace', () => [0, 1, 3, where()], bigrad.linspace, { options: 3 }),
  call('eye', () => [3, where()], bigrad.eye, { options: 1 }),
  call('randomKey', () => [5, { device: reference }], bigrad.randomKey, { options: 1 }),
  call('zerosLike', () => [x()], bigrad.zerosLike),
  call('onesLike', () => [x()], bigrad.onesLike),
  call('to', () => [bigrad.stopGradient(x()), cpu], bigrad.to),
  call('checkingNaN', () => [reference, { infinities: true }], bigrad.checkingNaN, {
    options: 1,
    use: (device: bigrad.Backend) => doubled(bigrad.ones([3], { device })),
  }),
  call('createCpu', () => [{ simd: 'none', leastWork: 1, scratchBytes: 2 ** 20 }], bigrad.createCpu, {
    options: 0,
    use: (device: bigrad.Backend) => doubled(bigrad.ones([3], { device })),
  }),
];

import assert from 'node:assert/strict';
import { reference } from 'bigrad';
import { parity } from 'bigrad/testing';
import { createCpu } from '../../../src/backends/cpu/device.js';
import { supports } from '../../../src/backends/cpu/simd/wasm/build.js';
import { eager } from '../../support/builds.js';

describe('the op table gives the same on reference as on', () => {
  for (const device of [...eager, createCpu({ simd: 'none' }), createCpu()])
    for (const dtype of ['float32', 'float64'] as const)
      it(`${device.name}, values and two derivatives, in ${dtype}`, async () => {
        assert.ok((await parity(reference, device, undefined, { dtype })) > 300);
      });
});

describe('builds of the SIMD kernels', () => {
  it('are refused by name where there is no such build', () => {
    assert.throws(() => createCpu({ simd: 'avx' as 'none' }), /RangeError: createCpu: expected simd 'auto'/);
    if (!supports('relaxed')) assert.throws(() => createCpu({ simd: 'relaxed' }), RangeError);
  });
});

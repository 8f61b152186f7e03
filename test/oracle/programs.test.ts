import assert from 'node:assert/strict';
import { until, watched } from '../support/watched.js';
import { agree } from './compare.js';
import { kernelsCalled } from './kernels.js';
import { ops } from './ops.js';
import { isWide, readPrograms } from './program.js';
import { builds, eager, simdOf } from '../support/builds.js';
import { devices, tolerance } from './settings.js';
import { ways, type Setting, type Way } from './ways.js';

const programs = readPrograms();

function run(way: Way, setting: Setting, some = programs): void {
  for (const program of some)
    for (const call of way(program, setting)) agree(program, call(), tolerance[setting.dtype]);
}

for (const device of devices)
  describe(`random programs on ${device.name} in float64 agree with PyTorch`, () => {
    for (const [name, { way, threads }] of Object.entries(ways)) {
      if (threads && !eager.includes(device)) continue;
      // Takes as long as all other quantities together, so not everywhere: loops of float64 are the
      // same on all but reference.
      const third = name === 'eager' ? device.name !== 'cpu (none)' : name === 'compiled' && eager.includes(device);
      it(`${name}${third ? ', to the third order' : ''}`, () => {
        // Wide programs are about how plans run large steps; reference makes no plans, and is slow
        // at these.
        const some = device.plan || name === 'eager' ? programs : programs.filter((program) => !isWide(program));
        run(way, { ops, device, dtype: 'float64', third }, some);
      });
    }
  });

const kernels =
  'cropImages cumsum gemm maxPool normalize normalizeGrad offsets padImages poolGather poolScatter softmax sumAround sumBetween';
/** Those of eager mode: plans have generated loops instead, but for what they know beforehand. */
const eagerKernels = 'binary ternary unary';

for (const build of builds)
  describe(`random programs on cpu (${build}) in float32 agree with PyTorch, and call every kernel`, () => {
    for (const [name, { way }] of Object.entries(ways)) {
      const third = name === 'eager';
      it(`${name}${third ? ', to the third order' : ''}`, () => {
        const called = kernelsCalled(() => {
          run(way, { ops, device: simdOf(build), dtype: 'float32', third });
        });
        assert.deepEqual(
          `${kernels} ${name === 'eager' ? eagerKernels : ''}`
            .trim()
            .split(' ')
            .filter((kernel) => !called.has(kernel)),
          [],
        );
        if (name !== 'eager') assert.ok(called.has('0'), 'no generated loop was called');
      });
    }

    it('compiled for two threads, both of which work', () =>
      watched(async (started) => {
        const setting = { ops, device: simdOf(build), dtype: 'float32', third: false } as const;
        const wide = programs.filter(isWide);
        for (const [i, program] of wide.entries()) {
          const [call] = ways['compiled for two threads']!.way(program, setting);
          do {
            agree(program, call!(), tolerance.float32);
            await until(() => started[i]!.ready());
          } while (!started[i]!.helped());
          started[i]!.end();
        }
        assert.equal(started.length, wide.length);
        assert.equal(wide.length, 3);
      }));
  });

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDevice } from '../../../examples/lab/device.js';
import { readCells, readFolder } from '../../../examples/lab/store.js';
import { finish, run, smallRun, startWith } from './start.js';

/** Makes Node refuse to load what GPU devices need. */
const hooks = `export function resolve(name, context, next) {
  if (/gpu/.test(name.replace(/^.*node_modules/, ''))) throw new Error('loads ' + name);
  return next(name, context);
}`;
const asModule = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
const withoutGpu = asModule(`import { register } from 'node:module'; register(${JSON.stringify(asModule(hooks))});`);

describe('npm start -- --device', () => {
  let folder: string;
  let small: string[];
  const at = (name: string): string => join(folder, name);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bigrad-device-'));
    const header = 'Al,Cr,Fe,Hf,Mo,Nb,Ta,Ti,V,W,Zr,temperature_K,yield_strength_GPa';
    const rows = Array.from({ length: 10 }, (_, i) => `0,0,0,0,0.3,0.3,0,0.4,0,0,0,${300 + 50 * i},1.${i}`);
    writeFileSync(at('small.csv'), [header, ...rows].join('\n'));
    small = smallRun(at('small.csv'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('trains on that device, says so in its record and at the end, and comes close to cpu', async () => {
    const { code, out, err } = await run(...small, '--device', 'webasm', '--out', at('webasm'));
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /networks trained on webasm: WebAssembly, one thread\n/);
    assert.equal(readFolder(at('webasm')).identity.device, 'webasm: WebAssembly, one thread');
    const own = await run(...small, '--out', at('cpu'));
    assert.doesNotMatch(own.out, /networks trained on/);
    assert.equal(readFolder(at('cpu')).identity.device, 'cpu');
    const [cells, others] = [readCells(at('cpu')), readCells(at('webasm'))].map((c) =>
      [...c.values()].sort((a, b) => a.rank - b.rank),
    );
    cells!.forEach(({ method, metrics }, i) => {
      assert.equal(others![i]!.method.name, method.name);
      assert.ok(Math.abs(metrics['MSE']! - others![i]!.metrics['MSE']!) < 1e-4, method.name);
    });
  });

  it('refuses to go on with the results of another device, in one line', async () => {
    for (const [device, name] of [
      ['cpu', 'webasm'],
      ['gpu-cpu', 'cpu'],
    ] as const) {
      const { code, out, err } = await run(...small, '--device', device, '--out', at(name));
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, /^.*expected results of the same device, found others; choose another --out\n$/);
    }
  });

  it('says in one line why a mode is not available, and exits with 1', async () => {
    const { code, out, err } = await run(...small, '--device', 'headlessgl', '--out', at('unused'));
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^gpu: expected mode 'headlessgl' to be available, got none here; it needs [^\n]+\n$/);
    assert.equal(existsSync(at('unused')), false);
  });

  it('exits with 2 for a name it does not know, and --help names those it knows', async () => {
    const { code, err } = await run('--device', 'gpu');
    assert.equal(code, 2);
    assert.match(err, /--device.*'gpu' is invalid.*cpu, webgpu, headlessgl, webasm, gpu-cpu, auto/);
    assert.match(
      (await run('--help')).out.replace(/\s+/g, ' '),
      /--device <name>.*"cpu", "webgpu", "headlessgl", "webasm", "gpu-cpu", "auto", default: "cpu"/,
    );
  });

  it('loads bigrad/gpu and its packages only where it is asked for', async () => {
    const out = ['--out', at('without')];
    const { code, err } = await finish(startWith(['--import', withoutGpu], ...small, ...out));
    assert.deepEqual([code, err], [0, '']);
    const asked = await finish(startWith(['--import', withoutGpu], ...small, '--device', 'webasm', ...out));
    assert.deepEqual([asked.code, asked.err], [1, 'loads bigrad/gpu\n']);
  });

  it('calls the cpu mode of GPU.js gpu-cpu, and auto what it comes to', async () => {
    const [own, slow, best] = [await openDevice('cpu'), await openDevice('gpu-cpu'), await openDevice('auto')];
    assert.deepEqual([own.name, own.adapter], ['cpu', null]);
    assert.deepEqual([slow.name, slow.adapter, slow.device.name], ['gpu-cpu', 'JavaScript', 'gpu (cpu)']);
    assert.ok(['webgpu', 'webasm'].includes(best.name) && best.device.name === `gpu (${best.name})`, best.name);
    for (const { close } of [own, slow, best]) close();
  });
});

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../examples/bi-rpt/config.js';
import { openDevice } from '../../../examples/bi-rpt/device.js';
import { Store, StoreError, type Identity, type Results } from '../../../examples/bi-rpt/store.js';
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
  const resultsOf = (name: string): Results =>
    JSON.parse(readFileSync(join(folder, name, 'results.json'), 'utf8')) as Results;
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
    const { config, machine, results } = resultsOf('webasm');
    assert.deepEqual(
      [config.device, machine['device'], machine['adapter']],
      ['webasm', 'webasm', 'WebAssembly, one thread'],
    );
    const own = await run(...small, '--out', at('cpu'));
    assert.doesNotMatch(own.out, /networks trained on/);
    assert.deepEqual([resultsOf('cpu').config.device, resultsOf('cpu').machine['device']], ['cpu', undefined]);
    resultsOf('cpu').results.forEach(({ method, testError }, i) => {
      assert.equal(results[i]!.method, method);
      assert.ok(Math.abs(testError! - results[i]!.testError!) < 1e-4, `${method}: ${testError}`);
    });
  });

  it('refuses to go on with the results of another device, in one line', async () => {
    for (const [device, name] of [
      ['cpu', 'webasm'],
      ['gpu-cpu', 'cpu'],
    ] as const) {
      const { code, out, err } = await run(...small, '--device', device, '--out', at(name));
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, /^.*expected results of the same options, found others; choose another --out\n$/);
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

  it('takes results from before there was a choice as those of cpu, and keeps adapters apart', () => {
    const identity = (device: string): Identity => ({
      config: { device, seeds: 1 } as Config,
      measurements: '',
      bigrad: '',
    });
    const open = (name: string, device: string, machine = {}): Store => {
      const store = Store.open(at(name), identity(device), machine);
      store.close();
      return store;
    };
    open('old', 'cpu');
    const old = { ...resultsOf('old'), config: { seeds: 1 } };
    writeFileSync(join(at('old'), 'results.json'), JSON.stringify(old));
    assert.deepEqual(open('old', 'cpu').results, []);
    assert.throws(() => open('old', 'webgpu'), StoreError);
    open('gpu', 'webgpu', { adapter: 'a' });
    open('gpu', 'webgpu', { adapter: 'a', node: 'newer' });
    assert.throws(() => open('gpu', 'webgpu', { adapter: 'b' }), /expected results of the same adapter, found others/);
  });
});

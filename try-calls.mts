import fc from 'fast-check';
import { reference } from 'bigrad';
import { opTable } from 'bigrad/testing';
import { resultsOf } from './src/testing/parity.js';
import { randomCalls } from './test/support/random-calls.js';
import { plainDevice } from './test/backends/gpu/plain.js';
import { close } from './test/testing/close.js';
const device = plainDevice();
const N = Number(process.argv[2] ?? 20);
let t0 = performance.now();
for (const e of opTable) {
  const seen = new Set<string>(); let worst = 0;
  let fails = 0, msg = '';
  for (const call of fc.sample(randomCalls(e), { numRuns: N, seed: 5 })) {
    seen.add(JSON.stringify(call.shapes));
    device.scope(() => {
      const [a, b] = [reference, device].map((d) => resultsOf(call.f, call.inputs(d), e.order));
      try { for (const [what, xs] of Object.entries(a!)) xs.forEach((x, i) => close(b![what]![i]!, x, 1e-5, `${what} ${i}`)); }
      catch (err) { fails++; msg ||= `${call} ${(err as Error).message}`; }
    });
  }
  console.log(e.op, seen.size, 'shapes', fails ? `FAILS ${fails} ${msg}` : '');
}
console.log((performance.now() - t0) / 1000, 's');

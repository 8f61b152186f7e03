import assert from 'node:assert/strict';
import { suite, type SuiteName } from './suites.js';
import { watched } from './watch.js';

const SEED = 10;
const SHOWN = 8; // failures in one message

/** Runs the first cases of a seed; what failed, and how many came to what. */
async function ran(name: SuiteName, count: number) {
  const counts = { answer: 0, refusal: 0, failure: 0 };
  const failures: string[] = [];
  const caseAt = suite(name, SEED);
  await watched({ suite: name, seed: SEED, from: 0, to: count }, (n, { kind, message }) => {
    counts[kind]++;
    const { id, what } = caseAt(n);
    if (kind === 'failure') failures.push(`${n}: ${id}: ${what}: ${message}`);
  });
  assert.equal(counts.failure, 0, [...failures.slice(0, SHOWN), `${failures.length} in all`].join('\n'));
  return counts;
}

describe('with something wrong in any places', () => {
  it('5,000 calls give a right answer or a refusal that names the function', async function () {
    this.timeout(0); // each call has its own limit
    const { answer, refusal } = await ran('calls', 5000);
    assert.ok(answer > 500 && refusal > 2000, `${answer} answers, ${refusal} refusals`);
  });

  it('2,000 safetensors files load as something valid or are refused', async function () {
    this.timeout(0);
    const { answer, refusal } = await ran('files', 2000);
    assert.ok(answer > 50 && refusal > 1000, `${answer} files loaded, ${refusal} refused`);
  });
});

import assert from 'node:assert/strict';
import { ones, zeros } from 'bigrad';
import { call } from '../calls/call.js';
import { attempt, judged, mustRefuse, ownError } from './outcome.js';
import type { Outcome } from './outcome.js';
import { randomCase } from './random.js';
import { watched } from './watch.js';

const add = call(
  'add',
  () => [1, 2],
  (x) => x,
);
const kind = (error: unknown): string => judged(error, add).kind;

describe('the watch over child processes', () => {
  it('tells each outcome, and names the case on which a child died or took too long or too much', async function () {
    this.timeout(0); // each case has its own limits
    const outcomes: Outcome[] = [];
    await watched({ suite: 'dying', seed: 0, from: 0, to: 7 }, (n, outcome) => (outcomes[n] = outcome), {
      seconds: 3,
      megabytes: 600,
    });
    const expected = [
      ['answer', /undefined/],
      ['failure', /more than 3 s/],
      ['failure', /ended the process \(3/],
      ['failure', /out of memory|more than 600 MB/],
      ['failure', /it is wrong/],
      ['failure', /more than 600 MB/],
      ['answer', /undefined/],
    ] as const;
    assert.equal(outcomes.length, expected.length);
    for (const [i, [of, said]] of expected.entries()) {
      assert.equal(outcomes[i]!.kind, of);
      assert.match(String(outcomes[i]!.message), said);
    }
  });
});

describe('an outcome', () => {
  it('is a refusal for TypeErrors and RangeErrors that name the function, and for what the caller threw', () => {
    assert.equal(kind(new TypeError('add: expected a tensor, got 3')), 'refusal');
    assert.equal(kind(new RangeError('add: expected a tensor, got 3')), 'refusal');
    assert.equal(kind(ownError), 'refusal');
  });

  it('is a failure for other errors, other names and long messages', () => {
    for (const error of [
      new Error('add: expected a tensor, got 3'),
      new TypeError('sub: expected a tensor, got 3'),
      new TypeError("Cannot read properties of null (reading 'node')"),
      new TypeError(`add: expected a tensor, got ${'x'.repeat(1000)}`),
      'add: expected a tensor',
      undefined,
      Object.create(null),
    ])
      assert.equal(kind(error), 'failure');
  });

  it('is a failure where a result has no sound shape, and where what must be refused is taken', async () => {
    const returns = (result: unknown) =>
      call(
        'f',
        () => [],
        () => result,
      );
    const { dtype, device, storage, constructor } = ones([2]);
    const Tensor = constructor as new (...args: unknown[]) => unknown;
    assert.equal((await attempt(returns([zeros([2, 0])]), [])).kind, 'answer');
    assert.equal((await attempt(returns({ y: new Tensor([3], dtype, device, storage) }), [])).kind, 'failure');
    assert.equal((await attempt(returns(new Tensor([NaN], dtype, device, storage)), [])).kind, 'failure');
    assert.equal((await mustRefuse(returns(1), [])).kind, 'failure');
  });
});

describe('random calls', () => {
  it('are the same for the same seed and number, and others for others', () => {
    const what = (seed: number, n: number): string => `${randomCase(seed, n).id}: ${randomCase(seed, n).what}`;
    const some = Array.from({ length: 50 }, (_, n) => what(1, n));
    assert.deepEqual(
      some,
      Array.from({ length: 50 }, (_, n) => what(1, n)),
    );
    assert.ok(new Set([...some, ...Array.from({ length: 50 }, (_, n) => what(2, n))]).size > 90);
  });
});

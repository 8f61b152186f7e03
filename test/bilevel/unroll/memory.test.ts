import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('states.ts', import.meta.url));

describe('the memory of an unrolled loop of p steps', () => {
  it('is p states, and of the order of sqrt p with checkpoint', function () {
    this.timeout(120_000);
    const words = ['9', '25', '9:checkpoint', '36:checkpoint'];
    const out = execFileSync(process.execPath, ['--expose-gc', '--import', 'tsx', script, ...words], {
      encoding: 'utf8',
    });
    const [nine, many, ...sparing] = JSON.parse(out) as number[];
    assert.ok(nine! >= 7 && nine! <= 17, `${nine} states for 9 steps`);
    assert.ok(many! >= 23 && many! <= 33, `${many} states for 25 steps`);
    sparing.forEach((states, i) => {
      const p = [9, 36][i]!;
      assert.ok(states <= 2 * Math.sqrt(p) + 8, `${states} states for ${p} steps with checkpoint`);
    });
  });
});

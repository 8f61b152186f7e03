import assert from 'node:assert/strict';
import { lists, type SuiteName } from './suites.js';
import { watched } from './watch.js';

const SHOWN = 8; // failures in one message

const titles: Record<keyof typeof lists, string> = {
  kinds: 'takes no value of another kind for a number, boolean, choice, function or options',
  lists: 'takes no list with holes',
  containers: 'keeps no container that the caller may change later',
  assignments: 'lets functions assign to the containers they get',
  tensors: 'gives a right answer or refuses by name whatever stands in the place of a tensor',
  trees: 'refuses cycles, depths and hidden tensors in trees',
  proxies: 'refuses proxies on which even instanceof fails',
};

for (const [name, list] of Object.entries(lists)) {
  const cases = list();
  const failures = new Map<string, string[]>();

  describe(`each function: ${titles[name as keyof typeof lists]}`, () => {
    before(async function () {
      this.timeout(0); // each case has its own limit
      await watched({ suite: name as SuiteName, seed: 0, from: 0, to: cases.length }, (n, { kind, message }) => {
        const { id, what } = cases[n]!;
        if (kind === 'failure') failures.set(id, [...(failures.get(id) ?? []), `${what}: ${message}`]);
      });
    });

    for (const id of new Set(cases.map((c) => c.id)))
      it(id, () => {
        const found = failures.get(id) ?? [];
        assert.equal(found.length, 0, [...found.slice(0, SHOWN), `${found.length} in all`].join('\n'));
      });
  });
}

import { writeSync } from 'node:fs';
import { suite, type SuiteName } from './suites.js';

// Runs a stretch of cases, in a process that may die of them. It writes the number of each case
// before it runs, and its outcome after, at once, so that whoever reads knows which case it was.

const [name, seed, from, to] = process.argv.slice(2) as [SuiteName, string, string, string];
const caseAt = suite(name, Number(seed));
const OUT = 3;

for (let n = Number(from); n < Number(to); n++) {
  writeSync(OUT, `${n}\n`);
  const outcome = await caseAt(n).run();
  writeSync(OUT, `${n} ${JSON.stringify(outcome)}\n`);
}

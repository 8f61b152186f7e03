import type { DType } from 'bigrad';
import { errorsOf, largest } from './compare.js';
import { ops } from './ops.js';
import { readPrograms } from './program.js';
import { devices } from './settings.js';
import { ways } from './ways.js';
import { eager } from '../support/builds.js';

// Prints the largest error of each quantity, for each way to run the programs: npx tsx
// test/oracle/report.ts

const programs = readPrograms();
for (const dtype of ['float64', 'float32'] as const satisfies DType[])
  for (const device of devices)
    for (const [name, { way, threads }] of Object.entries(ways)) {
      if (threads && !eager.includes(device)) continue;
      const setting = { ops, device, dtype, third: true };
      const errors = largest(programs.flatMap((p) => way(p, setting).map((call) => errorsOf(p, call()))));
      const columns = Object.entries(errors).map(([quantity, e]) => `${quantity} ${e.toExponential(1)}`);
      console.log(`${dtype} on ${device.name}, ${name}: ${columns.join(', ')}`);
    }

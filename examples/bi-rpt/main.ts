import { BENCHES } from '../benches.js';
import { start } from '../lab/start.js';

await start(BENCHES, process.argv.slice(2), 'docs/x-yield.md and docs/digits.md');

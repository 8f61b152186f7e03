import { exitBy } from '../exit.js';
import { writeReport } from './page.js';

/** `npm run report -- <folder>`: writes the report of a folder of results. */
async function main(args: readonly string[]): Promise<number> {
  const [folder, ...rest] = args;
  if (folder === undefined || folder.startsWith('-') || rest.length > 0) {
    process.stderr.write('Usage: npm run report -- <folder of results>\n');
    return folder === '--help' ? 0 : 2;
  }
  process.stdout.write(`Report with plots: ${await writeReport(folder)}\n`);
  return 0;
}

exitBy(main);

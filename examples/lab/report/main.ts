import { StoreError } from '../store.js';
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

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!(error instanceof StoreError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);

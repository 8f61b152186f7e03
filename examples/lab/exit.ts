import { StoreError } from './store.js';

/** Runs a program; its exit code is what it gives, or 1 with one line where a folder is no use. */
export function exitBy(main: (args: readonly string[]) => Promise<number>): void {
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
}

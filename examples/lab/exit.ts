import { StoreError } from './store.js';

/** Ends this process without a fault where a reader of its output, like head, has seen enough. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}

/** Runs a program; its exit code is what it gives, or 1 with one line where a folder is no use. */
export function exitBy(main: (args: readonly string[]) => Promise<number>): void {
  endWithReader();
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

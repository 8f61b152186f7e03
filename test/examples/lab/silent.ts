import type { Progress } from '../../../examples/lab/progress.js';

const nothing = (): void => undefined;
const done = (): Promise<void> => Promise.resolve();

/** Progress that nobody sees; what it is told goes to a list. */
export const silent = (told: string[] = []): Progress => ({
  start: () => done,
  advance: nothing,
  note: nothing,
  tell: (text) => told.push(text),
  check: done,
  stop: nothing,
});

/** Milliseconds of processor time that a run takes: other work of the machine does not count. */
export function processorTime(f: () => unknown, runs: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < runs; i++) f();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3 / runs;
}

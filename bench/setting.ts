import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/** Where and with what numbers were measured. */
export interface Setting {
  readonly date: string;
  readonly bigrad: string;
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  /**
   * Processes that were running on average in the minute before; numbers taken while it is near
   * `cores` are too slow.
   */
  readonly load: number;
}

/** The load of the last minute. */
export const load = (): number => loadavg()[0]!;

export function settingNow(): Setting {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    bigrad: (JSON.parse(manifest) as { version: string }).version,
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    load: load(),
  };
}

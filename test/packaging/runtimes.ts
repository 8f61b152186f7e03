import { exec } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A program from npm: the package that brings it, and the command that runs a file by it. */
export interface Program {
  readonly name: string;
  readonly from: string;
  readonly command: string;
}

/** The runtimes that run the package, beside the Node of this process. The README names them. */
export const runtimes: readonly Program[] = [
  { name: 'Node 24', from: 'node@24', command: 'node' },
  { name: 'Bun 1.4', from: 'bun@1.4', command: 'bun run' },
  { name: 'Deno 2.9', from: 'deno@2.9', command: 'deno run --allow-all' },
];

/** The oldest TypeScript that reads the declarations, and the newest. The README names them. */
export const compilers: readonly Program[] = [
  { name: 'TypeScript 5.4', from: 'typescript@5.4', command: 'tsc -p' },
  { name: 'TypeScript 7.0', from: 'typescript@7.0', command: 'tsc -p' },
];

const LIMIT = 120_000; // ms, for an installation
const shell = promisify(exec);

/** A program that is being installed in a folder of its own. */
export interface Installed extends Program {
  /** Whether npm could install it. */
  readonly installed: Promise<boolean>;
  /** Runs a file of a folder and gives what it prints; undefined where npm could not install it. */
  run(folder: string, file: string): Promise<string | undefined>;
}

/** Starts to install programs, all at once; and removes them, when npm has ended. */
export function install(programs: readonly Program[]): {
  readonly all: readonly Installed[];
  remove(): Promise<void>;
} {
  const home = mkdtempSync(join(tmpdir(), 'bigrad-runtimes-'));
  const all = programs.map((program, i): Installed => {
    const folder = mkdtempSync(join(home, `${i}-`));
    writeFileSync(join(folder, 'package.json'), '{}');
    const flags = '--no-audit --no-fund --prefer-offline --fetch-retries=1 --fetch-timeout=30000';
    const installed = shell(`npm install ${program.from} ${flags}`, { cwd: folder, timeout: LIMIT }).then(
      () => true,
      () => false,
    );
    return {
      ...program,
      installed,
      run: async (cwd, file) => {
        if (!(await installed)) return undefined;
        const [command, ...args] = [...program.command.split(' '), file];
        return (await shell([join(folder, 'node_modules', '.bin', command), ...args].join(' '), { cwd })).stdout;
      },
    };
  });
  return {
    all,
    remove: async () => {
      await Promise.all(all.map(({ installed }) => installed));
      rmSync(home, { recursive: true, force: true });
    },
  };
}

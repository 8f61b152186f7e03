import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from './child.js';

/** One library, in one setting, under one runtime. */
export interface Variant {
  /** `jax-js`, or `jax-js, Node 24.1.0` where there are several Nodes. */
  readonly name: string;
  readonly library: string;
  /** Of Node, where it runs on that. */
  readonly runtime?: string;
  readonly command: Command;
  readonly peer: boolean;
}

const modules: Readonly<Record<string, readonly [module: string, setting: string]>> = {
  'bigrad eager': ['bigrad', 'eager'],
  'bigrad compiled': ['bigrad', 'compiled'],
  'bigrad compiled, threads': ['bigrad', 'threads'],
  'padded products': ['padded', 'plain'],
  'jax-js': ['jax-js', 'one'],
  'jax-js, threads': ['jax-js', 'threads'],
  'tfjs wasm': ['tfjs', 'wasm'],
  'tfjs cpu': ['tfjs', 'cpu'],
  'tfjs node': ['tfjs', 'node'],
};
export const TORCH = 'PyTorch';
export const libraryNames: readonly string[] = [...Object.keys(modules), TORCH];

/** Why a library may be missing, where its own message does not say it. */
export const hints: Readonly<Record<string, string>> = {
  'tfjs node':
    'not among the packages of bench/peers: its install script downloads native code from outside the registry; `npm i --no-save --prefix bench/peers @tensorflow/tfjs-node@4.22.0` adds it',
  [TORCH]: 'no interpreter can import torch; Debian has it as python3-torch, to use with libopenblas0',
};

const isPeer = (library: string): boolean => /^(jax-js|tfjs)/.test(library);
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The version of a Node binary; undefined where it is none. */
export function versionOf(node: string): string | undefined {
  const { status, stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return status === 0 ? /^v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] : undefined;
}

/** The first of these interpreters that can import torch. */
export const findTorch = (candidates: readonly string[]): string | undefined =>
  candidates.find((python) => spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0);

/** The chosen libraries under each Node, and PyTorch once. */
export function variantsOf(
  chosen: readonly string[],
  nodes: readonly { readonly binary: string; readonly version: string }[],
  python: string | undefined,
  inputs: string,
): Variant[] {
  const onNode = nodes.flatMap(({ binary, version }) =>
    chosen.flatMap((library): Variant[] => {
      const found = modules[library];
      if (!found) return [];
      return [
        {
          name: nodes.length > 1 ? `${library}, Node ${version}` : library,
          library,
          runtime: version,
          peer: isPeer(library),
          command: {
            file: binary,
            args: ['--expose-gc', '--import', 'tsx', here('serve.ts'), ...found, inputs],
          },
        },
      ];
    }),
  );
  if (!chosen.includes(TORCH) || python === undefined) return onNode;
  const one = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  const command = { file: python, args: [here('torch_step.py'), inputs], env: one };
  return [...onNode, { name: TORCH, library: TORCH, peer: false, command }];
}

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { root, run, tarball, tool } from './pack.js';

// `npm run consumer [-- tarball]`: installs the packed package in an empty folder and uses it as its users do. TypeScript, esbuild and Vite
// are the project's own, run from outside, so that the folder holds what the package brings and nothing else.

/** What program.ts prints, by hand: cube is the sum of x^3 at [1, 2], and so on down its lines. */
const expected = {
  value: 9,
  gradient: [3, 12],
  curvature: [6, 12],
  step: [2],
  adam: 'int32',
  threshold: [0, 0.5],
  masked: [2],
  loss: 2,
  unrolled: 0.125,
  hypergradient: -2,
  metadata: { by: 'a consumer' },
  compared: true,
  oneTensorClass: true,
};

const subpaths = Object.keys(
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object }).exports,
)
  .filter((path) => path !== './package.json')
  .map((path) => path.replace('.', 'bigrad'));

const folder = mkdtempSync(join(tmpdir(), 'bigrad-consumer-'));
const write = (name: string, content: unknown): void => {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
};
const node = (name: string): string => run(folder, process.execPath, name);
const npm = (...args: string[]): string => run(folder, 'npm', ...args, '--no-audit', '--no-fund', '--prefer-offline');
const prints = (name: string): void => {
  assert.deepEqual(JSON.parse(node(name)), expected);
};

const steps: [string, () => void | Promise<void>][] = [
  [
    'installs ndarray, what that needs, its types, and nothing else',
    () => {
      write('package.json', { name: 'consumer', private: true, type: 'module' });
      npm('install', tarball(folder));
      assert.deepEqual(installed(), ['@types/ndarray', 'bigrad', 'iota-array', 'is-buffer', 'ndarray']);
    },
  ],
  [
    'needs fast-check for bigrad/testing alone',
    () => {
      const others = subpaths.filter((path) => path !== 'bigrad/testing');
      write('bare.js', others.map((path) => `import '${path}';`).join('\n'));
      node('bare.js');
      write('without.js', "import 'bigrad/testing';");
      assert.throws(() => node('without.js'), /Cannot find package 'fast-check'/);
      npm('install', `fast-check@${version('fast-check')}`);
    },
  ],
  [
    'type-checks, strictly and down to its own declarations, under NodeNext and Bundler resolution',
    () => {
      copyFileSync(join(root, 'test/packaging/program.ts'), join(folder, 'program.ts'));
      const source = readFileSync(join(folder, 'program.ts'), 'utf8');
      for (const path of subpaths) assert.ok(source.includes(`from '${path}'`), `program.ts uses ${path}`);
      write(
        'required.cts',
        "import bigrad = require('bigrad');\nexport const one: bigrad.Tensor = bigrad.tensor(1);\n",
      );
      const options = { strict: true, target: 'ES2022', lib: ['ES2022', 'DOM'], types: [], skipLibCheck: false };
      write('tsconfig.json', {
        compilerOptions: { ...options, module: 'NodeNext' },
        files: ['program.ts', 'required.cts'],
      });
      const bundler = { ...options, module: 'ESNext', moduleResolution: 'Bundler', noEmit: true };
      write('tsconfig.bundler.json', { compilerOptions: bundler, files: ['program.ts'] });
      run(folder, tool('tsc'), '-p', 'tsconfig.json');
      run(folder, tool('tsc'), '-p', 'tsconfig.bundler.json');
      write('wrong.ts', "import { tensor } from 'bigrad';\nexport const wrong: string = tensor(1);\n");
      write('tsconfig.wrong.json', { compilerOptions: { ...options, module: 'NodeNext' }, files: ['wrong.ts'] });
      assert.throws(
        () => run(folder, tool('tsc'), '-p', 'tsconfig.wrong.json'),
        /TS2322: Type 'Tensor' is not assignable/,
      );
    },
  ],
  ['runs under Node by import', () => prints('program.js')],
  [
    'runs under Node by require(), with the same Tensor class as by import',
    () => {
      write(
        'required.cjs',
        `const all = [${subpaths.map((path) => `require('${path}')`).join(', ')}];
import('bigrad').then(({ Tensor }) => console.log(JSON.stringify([all.every((m) => Object.keys(m).length > 0),
  all[0].sum(all[0].tensor([1, 2])).readSync()[0], all[0].tensor(1) instanceof Tensor])));`,
      );
      assert.deepEqual(JSON.parse(node('required.cjs')), [true, 3, true]);
    },
  ],
  [
    'runs when esbuild has bundled and minified it for browsers',
    async () => {
      await esbuild({
        absWorkingDir: folder,
        entryPoints: ['program.js'],
        outfile: 'esbuild.mjs',
        bundle: true,
        minify: true,
        format: 'esm',
        platform: 'browser',
        logLevel: 'error',
      });
      prints('esbuild.mjs');
    },
  ],
  [
    'runs when Vite has bundled and minified it',
    async () => {
      await vite({
        root: folder,
        configFile: false,
        logLevel: 'error',
        build: {
          target: 'es2022',
          minify: true,
          outDir: 'vite',
          lib: { entry: 'program.js', formats: ['es'], fileName: () => 'program.mjs' },
        },
      });
      prints('vite/program.mjs');
    },
  ],
];

/** The packages in the folder's node_modules. */
function installed(): string[] {
  const list = (path: string): string[] => readdirSync(path).filter((name) => !name.startsWith('.'));
  const modules = join(folder, 'node_modules');
  return list(modules).flatMap((name) =>
    name.startsWith('@') ? list(join(modules, name)).map((sub) => `${name}/${sub}`) : [name],
  );
}

/** The version that this project itself has installed. */
const version = (name: string): string =>
  (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;

try {
  for (const [what, step] of steps) {
    await step();
    console.log(`the package ${what}`);
  }
  const size = (name: string): string => `${(statSync(join(folder, name)).size / 1000).toFixed(0)} kB`;
  console.log(`bundles with fast-check: esbuild ${size('esbuild.mjs')}, Vite ${size('vite/program.mjs')}`);
} finally {
  rmSync(folder, { recursive: true });
}

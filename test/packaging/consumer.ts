import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { blocksOf, linked, markdownIn, missing } from '../docs/markdown.js';
import { absent } from '../browser/chromium.js';
import { bundlers } from './bundles.js';
import { makeFolder, version } from './folder.js';
import { unmet } from './imports.js';
import { printedInBrowser } from './in-browser.js';
import { root, run, tarball, tool } from './pack.js';
import { compilers, install, runtimes } from './runtimes.js';

// `npm run consumer [-- tarball]`: installs the packed package in an empty folder and uses it as
// its users do. TypeScript, bundlers and Chromium are the project's own, run from outside, so that
// the folder holds what the package brings and nothing else.

/** What program.ts prints, by hand: cube is the sum of x^3 at [1, 2], and so on down its lines. */
const expected = {
  value: 9,
  gradient: [3, 12],
  curvature: [6, 12],
  cubed: [3, 12],
  step: [2],
  adam: 'int32',
  threshold: [0, 0.5],
  masked: [2],
  loss: 2,
  unrolled: 0.125,
  hypergradient: -2,
  metadata: { by: 'a consumer' },
  compared: true,
  found: 'log',
  classInWords: 'sum: expected axes as a list, got a Tensor',
  oneTensorClass: true,
};
const gpuResult = { found: [7, 10, 15, 22, 1, 1], compared: true };

const subpaths = Object.keys(
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object }).exports,
)
  .filter((path) => path !== './package.json')
  .map((path) => path.replace('.', 'bigrad'));

const folder = makeFolder();
const { write, node, npm } = folder;
const check = (printed: string, modes: readonly string[]): void => {
  const gpus = Object.fromEntries(modes.map((mode) => [mode, gpuResult]));
  assert.deepEqual(JSON.parse(printed), { ...expected, gpus });
};
const inNode = ['cpu', 'webasm'];
const inBrowser = ['webgl2', 'webgpu'];
const sizes: string[] = [];
const programs = install([...runtimes, ...compilers]);
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Runs a file by programs, all at once, and returns what each printed. */
const printedBy = async (some: readonly { name: string }[], file: string): Promise<string[]> => {
  const chosen = programs.all.filter(({ name }) => some.some((p) => p.name === name));
  const printed = await Promise.all(chosen.map((program) => program.run(folder.path, file)));
  chosen.forEach(({ name, from }, i) => {
    assert.ok(readme.includes(name), `README.md names ${name}`);
    console.log(
      printed[i] === undefined ? `not checked with ${name}: npm could not install ${from}` : `checked: ${name}`,
    );
  });
  return printed.filter((text) => text !== undefined);
};
const manifest = { name: 'consumer', private: true, type: 'module' };
const empty = 'npm:empty-npm-package@1.0.0';

const steps: [string, () => void | Promise<void>][] = [
  [
    'installs ndarray, what that needs, its types, and nothing else: neither gpu.js nor webgpu',
    () => {
      write('package.json', manifest);
      npm('install', tarball(folder.path));
      assert.deepEqual(folder.installed(), ['@types/ndarray', 'bigrad', 'iota-array', 'is-buffer', 'ndarray']);
      // npm warns of each package that would run a script.
      const { scripts } = JSON.parse(readFileSync(join(folder.path, 'node_modules/bigrad/package.json'), 'utf8')) as {
        scripts: object;
      };
      for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) assert.ok(!(name in scripts), name);
    },
  ],
  [
    'brings every page that its README and its other pages link to',
    () => {
      const home = join(folder.path, 'node_modules/bigrad');
      const examples = readdirSync(join(home, 'examples')).map((name) => join('examples', name));
      const pages = ['', 'docs', 'docs/results', ...examples].flatMap((name) => markdownIn(join(home, name)));
      for (const page of pages) assert.deepEqual(missing(linked(dirname(page), readFileSync(page, 'utf8'))), [], page);
      assert.ok(pages.length > 10);
    },
  ],
  [
    'brings all that its examples import but what their pages tell to install, and runs one',
    () => {
      const home = join(folder.path, 'node_modules/bigrad');
      assert.deepEqual(unmet(home), []);
      const printed = run(folder.path, tool('tsx'), join(home, 'examples/hyperparameters/main.ts'));
      assert.match(printed, /40 learned penalties +error .*\nno picture: npm install vega vega-lite\n$/);
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
    'says what to install where gpu.js is missing, and where webgpu is',
    () => {
      const start = (mode: string): string => {
        write(
          'start.js',
          `import { gpu } from 'bigrad/gpu'; gpu({ mode: '${mode}' }).then(() => console.log('started'), (e) => console.log(e.message));`,
        );
        return node('start.js');
      };
      assert.match(
        start('cpu'),
        /expected the package gpu.js, got none; npm install gpu.js, with "overrides": \{ "gpu.js"/,
      );
      // Word for word the overrides of that message.
      const [, overrides] = /("overrides": \{.*\} \}) in package.json/.exec(start('webasm'))!;
      const now = JSON.parse(readFileSync(join(folder.path, 'package.json'), 'utf8')) as object;
      write('package.json', { ...now, ...(JSON.parse(`{ ${overrides} }`) as object) });
      npm('install', `gpu.js@${version('gpu.js')}`);
      assert.ok(readFileSync(join(folder.path, 'package.json'), 'utf8').includes(empty));
      const megabytes = folder.size('node_modules') / 1e6;
      assert.ok(megabytes < 20, `${megabytes.toFixed(1)} MB`);
      assert.equal(start('cpu'), 'started\n');
      assert.match(start('webgpu'), /npm install webgpu/);
    },
  ],
  [
    'type-checks, strictly and down to its own declarations, under NodeNext and Bundler resolution',
    () => {
      copyFileSync(join(root, 'test/packaging/program.ts'), join(folder.path, 'program.ts'));
      const source = readFileSync(join(folder.path, 'program.ts'), 'utf8');
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
      const tsc = (file: string): string => run(folder.path, tool('tsc'), '-p', file);
      tsc('tsconfig.json');
      tsc('tsconfig.bundler.json');
      write('wrong.ts', "import { tensor } from 'bigrad';\nexport const wrong: string = tensor(1);\n");
      write('wrong-gpu.ts', "import { gpu } from 'bigrad/gpu';\nvoid gpu({ mode: 'metal' });\n");
      write('tsconfig.wrong.json', {
        compilerOptions: { ...options, module: 'NodeNext' },
        files: ['wrong.ts', 'wrong-gpu.ts'],
      });
      const wrong = /TS2322: Type '"metal"' is not assignable[^]*TS2322: Type 'Tensor' is not assignable/;
      assert.throws(() => tsc('tsconfig.wrong.json'), wrong);
    },
  ],
  [
    'type-checks the code of its README and of its pages',
    () => {
      const home = join(folder.path, 'node_modules/bigrad');
      const blocks = ['', 'docs'].flatMap((name) =>
        markdownIn(join(home, name)).flatMap((page) => blocksOf(readFileSync(page, 'utf8'))),
      );
      assert.ok(blocks.length > 20);
      const files = blocks.map((_, i) => `page-${i}.ts`);
      blocks.forEach((code, i) => {
        write(files[i]!, code);
      });
      write('tsconfig.pages.json', {
        compilerOptions: {
          ...{ strict: true, noEmit: true, skipLibCheck: true, moduleDetection: 'force' },
          ...{ target: 'ES2022', lib: ['ES2023'], module: 'ESNext', moduleResolution: 'Bundler' },
          // What only pages need, such as mocha, is the project's own.
          paths: { '*': [join(root, 'node_modules/*'), join(root, 'node_modules/@types/*')] },
          typeRoots: [join(root, 'node_modules/@types')],
          types: ['node', 'mocha'],
        },
        files,
      });
      run(folder.path, tool('tsc'), '-p', 'tsconfig.pages.json');
    },
  ],
  [
    'type-checks with the oldest TypeScript that the README names, and with the newest',
    async () => {
      for (const text of await printedBy(compilers, 'tsconfig.bundler.json')) assert.equal(text, '');
    },
  ],
  [
    'runs under Node by import',
    () => {
      check(node('program.js'), inNode);
    },
  ],
  [
    'runs under each other runtime that the README names',
    async () => {
      write('runtime.js', "globalThis.modes = ['webasm'];\nawait import('./program.js');\n");
      for (const printed of await printedBy(runtimes, 'runtime.js')) check(printed, ['webasm']);
    },
  ],
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
  ...Object.entries(bundlers).map(([name, bundle]): [string, () => Promise<void>] => [
    `runs when ${name} has bundled and minified it, in Node on ${inNode.join(' and ')} and in Chromium on ${inBrowser.join(' and ')}`,
    async () => {
      const script = await bundle(folder.path);
      sizes.push(`${name} ${(folder.size(dirname(script)) / 1000).toFixed(0)} kB`);
      check(node(script), inNode);
      const printed = await printedInBrowser(folder.path, script, inBrowser);
      if (printed === undefined) console.log(`not run in a browser: ${absent}`);
      else check(printed, inBrowser);
    },
  ]),
];

try {
  for (const [what, step] of steps) {
    await step();
    console.log(`the package ${what}`);
  }
  console.log(`bundles with fast-check and gpu.js: ${sizes.join(', ')}`);
} finally {
  await programs.remove();
  rmSync(folder.path, { recursive: true });
}

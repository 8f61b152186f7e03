import { readFileSync } from 'node:fs';
import { Stryker } from '@stryker-mutator/core';

// Mutants of the folders or files that are named, of all by default: `npm run mutants -- optim
// 'ops/{conv,pool}.ts'`. What has not changed since the last run is not run again.

// folders.json: what is mutated, by folder of src, and the tests that its mutants meet, in that
// order, without those whose names match. The first that fails kills a mutant, so quick tests come
// before slow ones; those in browsers, on GPUs and of threads are left out. (mocha expands @(a|b),
// but not {a,b}.)
const folders = JSON.parse(readFileSync('mutants/folders.json', 'utf8'));
const args = process.argv.slice(2);
for (const scope of args.length > 0 ? args : Object.keys(folders)) {
  const folder = Object.keys(folders).find((name) => scope === name || scope.startsWith(`${name}/`));
  const { tests, without } = folders[folder];
  const results = `results/mutants/${folder.replace('/', '-')}`;
  await new Stryker({
    configFile: 'mutants/stryker.config.mjs',
    mutate: [scope === folder ? `src/${folder}/**/*.ts` : `src/${scope}`],
    mochaOptions: {
      'no-config': true,
      'no-package': true,
      extension: ['ts'],
      require: ['tsx', './mutants/setup.ts'],
      spec: tests,
      ...(without && { grep: `/^(?!.*(${without}))/` }),
    },
    tempDirName: `.stryker-tmp/${folder.replace('/', '-')}`,
    incrementalFile: `${results}.incremental.json`,
    jsonReporter: { fileName: `${results}.json` },
  }).runMutationTest();
}

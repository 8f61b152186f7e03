import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { resultPath, writeJson, writeWhole } from '../files.js';
import { choose, integer, INTERRUPTED, onInterrupt, run, seconds } from '../options.js';
import { load, settingNow } from '../setting.js';
import { markdownTable, terminalTable, type Columns } from '../table.js';
import { cases } from './cases.js';
import { startCompany, type Company } from './company.js';
import { writeInputs } from './inputs.js';
import { installPeers } from './install.js';
import { findTorch, hints, libraryNames, TORCH, variantsOf, versionOf } from './libraries.js';
import { differences, failures, memory, method, productTable, targetTable, times, type Skipped } from './report.js';
import type { Result } from './results.js';
import { isMet, verdicts } from './targets.js';

interface Options {
  readonly list?: boolean;
  readonly markdown?: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly limit: number;
  readonly steps: number;
  readonly node: string[];
  readonly python: string;
  readonly only: string[];
  readonly out: string;
}

const PYTHONS = ['python3', '/usr/bin/python3'];

function only(text: string, before: string[]): string[] {
  const found = libraryNames.filter((name) => name.toLowerCase().startsWith(text.toLowerCase()));
  if (found.length === 0)
    throw new InvalidArgumentError(`Expected the beginning of one of: ${libraryNames.join('; ')}.`);
  return [...before, ...found];
}
function node(text: string, before: string[]): string[] {
  if (versionOf(text) === undefined) throw new InvalidArgumentError('Expected a Node binary.');
  return [...before, text];
}

const command = new Command('bench:peers')
  .description('Times bigrad beside jax-js, tfjs and PyTorch, each in its own process.')
  .argument('[filters...]', 'run only the cases whose names contain one of these')
  .option('--list', 'print the names of the cases and the libraries and stop')
  .option('--rounds <n>', 'how often each library is sampled in a case', integer(1), 5)
  .option('--seconds <s>', 'time to sample a library in a case in one round', seconds, 0.5)
  .option('--limit <s>', 'time after which a library is done with a case, its check included', seconds, 120)
  .option('--steps <n>', 'steps of the pre-training loop', integer(1), 10_000)
  .option('--node <binary>', 'measure under this Node too; may be given more than once', node, [])
  .option('--python <binary>', `an interpreter with PyTorch (default: ${PYTHONS.join(' or ')})`)
  .option('--only <library>', 'only libraries whose names begin so; may be given more than once', only, [])
  .option('--out <folder>', 'where JSON and Markdown of the results go', 'bench/results')
  .option('--markdown', 'print the tables as Markdown')
  .showSuggestionAfterError(false)
  .exitOverride();

/** Everything that a run found, as it is written and printed. */
function describe(company: Company, setting: object, results: readonly Result[], skipped: readonly Skipped[]) {
  const runtimes = [...new Set(company.variants.flatMap(({ runtime }) => runtime ?? []))];
  const numbers = runtimes.map((runtime) => [runtime, verdicts(results, runtime)] as const);
  const tables: Columns[] = [
    ...runtimes.map((runtime) => times(results, runtime)),
    ...numbers.flatMap(([runtime, found]) => [productTable(found, runtime), targetTable(found, runtime)]),
  ].filter(({ rows }) => rows.length > 0);
  const notes = [
    ...company.settings().map(({ variant, versions, setting: how }) => {
      const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
      return `${variant}: ${[how, ...list].join(', ')}`;
    }),
    ...failures(results, skipped),
    ...memory(results),
    ...differences(results),
    ...method,
  ];
  const json = {
    setting: { ...setting, loadAtEnd: load(), libraries: company.settings() },
    skipped,
    cases,
    targets: numbers.map(([runtime, found]) => ({ runtime, numbers: found.map((v) => ({ ...v, met: isMet(v) })) })),
    results,
  };
  const text = (table: (columns: Columns) => string, bullet: string): string =>
    [...tables.map(table), notes.map((line) => `${bullet}${line}`).join('\n')].join('\n\n');
  return { json, text };
}

async function main(): Promise<number> {
  command.parse();
  const options = command.opts<Options>();
  const chosen = choose(command, cases, command.args);
  const libraries = options.only.length > 0 ? options.only : libraryNames;
  if (options.list) {
    console.log([...chosen.map(({ name }) => name), '', ...libraries].join('\n'));
    return 0;
  }
  const { rounds, steps, limit, seconds: each } = options;
  const setting = { ...settingNow(), rounds, seconds: each, limit, steps };
  const path = resultPath(command, options.out, 'peers-', setting.date);
  const problem = libraries.some((name) => /^(jax|tfjs)/.test(name)) ? installPeers() : undefined;
  if (problem !== undefined) console.error(`jax-js and tfjs: not installed, ${problem}`);
  const python = libraries.includes(TORCH) ? findTorch(options.python ? [options.python] : PYTHONS) : undefined;
  const skipped: Skipped[] =
    libraries.includes(TORCH) && python === undefined ? [{ variant: TORCH, reason: hints[TORCH]! }] : [];

  const folder = mkdtempSync(join(tmpdir(), 'bigrad-bench-'));
  const signal = onInterrupt();
  const results: Result[] = [];
  try {
    const inputs = join(folder, 'inputs.safetensors');
    writeInputs(inputs);
    const nodes = [process.execPath, ...options.node].map((binary) => ({ binary, version: versionOf(binary)! }));
    const company = startCompany(variantsOf(libraries, nodes, python, inputs), { ...options, inputs }, signal);
    try {
      for (const { variant, reason } of await company.ready()) {
        const hint = Object.entries(hints).find(([name]) => variant.startsWith(name))?.[1];
        skipped.push({ variant, reason: hint !== undefined && /cannot find/i.test(reason) ? hint : reason });
      }
      for (const { variant, reason } of skipped) console.error(`${variant}: skipped, ${reason}`);
      let text = '';
      for (const [i, peerCase] of chosen.entries()) {
        const found = await company.run(peerCase);
        if (signal.aborted) break;
        results.push(...found);
        console.error(`${i + 1}/${chosen.length} ${peerCase.name}`);
        const whole = describe(company, setting, results, skipped);
        writeJson(`${path}.json`, whole.json);
        writeWhole(`${path}.md`, `${whole.text(markdownTable, '- ')}\n`);
        text = options.markdown ? whole.text(markdownTable, '- ') : whole.text(terminalTable, '');
      }
      if (text) console.log(text);
    } finally {
      company.end();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const { cpu, cores, load: before } = setting;
  if (results.length > 0)
    console.log(
      `\n${cpu}, ${cores} cores, load ${before.toFixed(1)} at the start and ${load().toFixed(1)} at the end; ${path}.json and .md`,
    );
  return signal.aborted ? INTERRUPTED : 0;
}

await run(main);

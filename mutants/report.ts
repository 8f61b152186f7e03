import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { format } from 'prettier';

// Writes docs/mutants.md from the results of `npm run mutants` and the reasons in reasons.json.

interface Position {
  readonly line: number;
  readonly column: number;
}
interface Mutant {
  readonly replacement: string;
  readonly statusReason?: string;
  readonly status: 'Killed' | 'Survived' | 'Timeout' | 'NoCoverage' | 'Ignored' | 'RuntimeError' | 'CompileError';
  readonly location: { readonly start: Position; readonly end: Position };
}
interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}
/**
 * Why mutants of a file survive: those that begin on a line with the text `line`, or of these only
 * the ones with a replacement in `only`.
 */
interface Reason {
  readonly line: string;
  readonly only?: readonly string[];
  readonly reason: string;
}

const read = (name: string): unknown => JSON.parse(readFileSync(`mutants/${name}`, 'utf8'));
const folders = Object.keys(read('folders.json') as object);
const reasons = read('reasons.json') as Record<string, readonly Reason[]>;
const squeeze = (s: string): string => s.replace(/\s+/g, ' ').trim();
const short = (s: string): string => (s.length > 90 ? `${s.slice(0, 87)}...` : s);
const code = (s: string): string => `\`\` ${short(squeeze(s)) || '(nothing)'} \`\``;

/** The source text that a mutant replaces. */
function original(source: string, { start, end }: Mutant['location']): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, end.column - 1);
  lines[0] = lines[0]!.slice(start.column - 1);
  return lines.join('\n');
}

/** `11 of 23`: files of a folder with results, of those that it has. */
const coverage = (folder: string, run: number): string =>
  `${run} of ${readdirSync(`src/${folder}`).filter((name) => name.endsWith('.ts')).length}`;

const used = new Set<Reason>();
const dates = new Set<string>();
const rows: string[] = [];
const details: string[] = [];
const lists: string[] = [];
const total = { mutants: 0, killed: 0, timeout: 0, survived: 0, uncovered: 0, messages: 0, loaded: 0, unexplained: 0 };
for (const folder of folders) {
  const file = `results/mutants/${folder.replace('/', '-')}.json`;
  if (!existsSync(file)) {
    rows.push(`| ${folder} | ${coverage(folder, 0)} | | | | |`);
    continue;
  }
  const { files } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const all = Object.values(files).flatMap(({ mutants }) => mutants);
  const count = (status: Mutant['status']) => all.filter((m) => m.status === status).length;
  const [killed, timeout, survived, uncovered] = [count('Killed'), count('Timeout'), count('Survived'), count('NoCoverage')]; // prettier-ignore
  const ignored = (reason: string) => all.filter((m) => m.statusReason?.startsWith(reason)).length;
  const [messages, loaded] = [ignored('what an error says'), ignored('Static mutant')];
  const mutants = killed + timeout + survived + uncovered;
  let unexplained = 0;
  for (const [path, { source, mutants: list }] of Object.entries(files)) {
    const left = list.filter((m) => m.status === 'Survived' || m.status === 'NoCoverage');
    if (left.length === 0) continue;
    lists.push(`### ${path}`, '');
    for (const m of left) {
      const { line } = m.location.start;
      const text = squeeze(source.split('\n')[line - 1]!);
      const found = (reasons[path] ?? []).find(
        (r) => text.includes(r.line) && (r.only?.includes(m.replacement) ?? true),
      );
      if (found) used.add(found);
      else unexplained++;
      const why = found?.reason ?? '**no reason yet**';
      lists.push(`- ${line}: ${code(original(source, m.location))} → ${code(m.replacement)}: ${why}`);
    }
    lists.push('');
  }
  const score = ((100 * (killed + timeout)) / mutants).toFixed(1);
  rows.push(
    `| ${folder} | ${coverage(folder, Object.keys(files).length)} | ${mutants} | ${killed + timeout} | ${survived + uncovered} | ${score} % |`,
  );
  const date = statSync(file).mtime.toISOString().slice(0, 10);
  dates.add(date);
  details.push(`| ${folder} | ${timeout} | ${uncovered} | ${unexplained} | ${messages} | ${loaded} |`);
  total.mutants += mutants;
  total.killed += killed;
  total.timeout += timeout;
  total.survived += survived;
  total.uncovered += uncovered;
  total.messages += messages;
  total.loaded += loaded;
  total.unexplained += unexplained;
}

const unused = Object.entries(reasons).flatMap(([path, list]) =>
  list.filter((r) => !used.has(r)).map((r) => `${path}: ${r.line}`),
);
if (unused.length > 0) process.stderr.write(`Reasons that no survivor needs:\n${unused.join('\n')}\n`);

const versionOf = (path: string): string => (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
const stryker = versionOf('mutants/node_modules/@stryker-mutator/core/package.json');
const score = ((100 * (total.killed + total.timeout)) / total.mutants).toFixed(1);
const text = `# Mutants

Written by \`npm run mutants:report\` from the results of \`npm run mutants\` and the reasons in \`mutants/reasons.json\`:
Stryker ${stryker}, Node ${process.versions.node}, ${cpus()[0]!.model}, ${[...dates].sort().join(' and ')}.

Stryker changes one place of the source at a time and runs the tests. A mutant that makes no test fail survives: either a test is missing, or the
change makes no difference. Each mutant meets only the tests that \`mutants/folders.json\` names for its folder, with few random examples a property (\`mutants/setup.ts\`).
\`npm run mutants -- optim io\` runs two folders. A run that follows another runs only what has changed (its memory is in \`results/\`, out of git).

| folder of src | files run | mutants | killed | left | score |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
| all | | ${total.mutants} | ${total.killed + total.timeout} | ${total.survived + total.uncovered} | ${score} % |

Folders with fewer files run than they have await a run. Files without code have no mutants. A score counts what was run.

| folder of src | killed by time | not covered | left without a reason | messages | at load |
| --- | --- | --- | --- | --- | --- |
${details.join('\n')}
| all | ${total.timeout} | ${total.uncovered} | ${total.unexplained} | ${total.messages} | ${total.loaded} |

A mutant that ran out of time made a loop endless, and counts as killed. On a busy machine some of them may be slow only. A mutant that is not covered meets
no test of its folder. Two kinds are not run, and are no part of the score. \`messages\` are mutants of what an error says (\`mutants/messages.mjs\`):
whether there is an error is mutated, its wording is not. \`at load\` are mutants of what runs only while a module is loaded. Each would need a process of its own.

## Survivors

Line, code → mutant: why no test kills it.

${lists.join('\n')}`;
writeFileSync(
  'docs/mutants.md',
  `${(await format(text, { parser: 'markdown', printWidth: 100, proseWrap: 'always' })).trim()}\n`,
);
process.stdout.write(`${rows.join('\n')}\n`);

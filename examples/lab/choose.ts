import { ensemble } from './ensemble.js';
import type { Bench, Experiment, Method, NetworkChoice, Sizes, SizeName, Testbed } from './records.js';

/** A name or a setting that is not there: a wrong option, said in one line. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

const named = <T extends { readonly name: string }>(what: string, all: readonly T[], name: string): T => {
  const found = all.find((x) => x.name === name);
  if (!found) throw new OptionError(`expected ${what} out of ${all.map((x) => x.name).join(', ')}, found '${name}'`);
  return found;
};

/** The first of some records, or the one of a name. */
const chosenOf = <T extends { readonly name: string }>(what: string, all: readonly T[], name?: string): T =>
  name === undefined ? all[0]! : named(what, all, name);

/** The network of a choice. */
export const networkOf = <I>(bench: Bench<I>, { network }: Pick<Choice, 'network'>): NetworkChoice =>
  chosenOf('a network', bench.networks, network);

/** A setting as text: `method.setting=value`. */
export interface Setting {
  readonly method: string;
  readonly key: string;
  readonly value: string;
}

/** Reads `method.setting=value`; throws an OptionError for another text. */
export function parseSetting(text: string): Setting {
  const match = /^([\w-]+)\.(\w+)=(.+)$/.exec(text);
  if (!match) throw new OptionError(`expected a setting as method.name=value, found '${text}'`);
  return { method: match[1]!, key: match[2]!, value: match[3]! };
}

/** A method with a setting changed; the value has the type of the one that it replaces. */
function set<I>(method: Method<I>, { key, value }: Setting): Method<I> {
  const before = (method.config as Record<string, unknown>)[key];
  const keys = Object.keys(method.config);
  if (before === undefined)
    throw new OptionError(`expected a setting of ${method.name} out of ${keys.join(', ') || 'none'}, found '${key}'`);
  const read = (): unknown => {
    if (typeof before === 'number' && value.trim() !== '' && Number(value) >= 0 && Number.isFinite(Number(value)))
      return Number(value);
    if (typeof before === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
    if (typeof before === 'string') return value;
    const kind = typeof before === 'number' ? 'a number of at least 0' : 'true or false';
    throw new OptionError(`expected ${method.name}.${key} to be ${kind}, found '${value}'`);
  };
  return { ...method, config: { ...method.config, [key]: read() } };
}

/** A method by its name; `name-x5` is an ensemble of five. */
export function methodNamed<I>(bench: Pick<Bench<I>, 'methods'>, name: string): Method<I> {
  const match = /^(.+)-x(\d{1,3})$/.exec(name);
  const members = Number(match?.[2]);
  return match && members > 1
    ? ensemble(named('a method', bench.methods, match[1]!), members)
    : named('a method', bench.methods, name);
}

/** What a command line says of an experiment; what is left out has its default. */
export interface Choice {
  readonly task?: string;
  readonly protocol?: string;
  readonly network?: string;
  readonly methods?: readonly string[];
  readonly size: SizeName;
  readonly splits?: number;
  readonly firstSplit?: number;
  readonly points?: number;
  readonly pretrainEpochs?: number;
  readonly epochs?: number;
  readonly settings: readonly Setting[];
}

/** The sizes of a choice. */
export function sizesOf(
  sizes: Sizes,
  { splits, points, pretrainEpochs, epochs }: Omit<Choice, 'settings' | 'size' | 'firstSplit'>,
): Sizes {
  return {
    ...sizes,
    points: points ?? sizes.points,
    splits: splits ?? sizes.splits,
    pretrain: { ...sizes.pretrain, epochs: pretrainEpochs ?? sizes.pretrain.epochs },
    fineTune: { ...sizes.fineTune, epochs: epochs ?? sizes.fineTune.epochs },
  };
}

/** The experiment of a choice; throws an OptionError for a name that is not there. */
export function experimentOf<I>(bench: Bench<I>, open: () => Testbed<I>, choice: Choice): Experiment<I> {
  const names = choice.methods ?? bench.first;
  const chosen = names.includes('all') ? bench.methods : [...new Set(names)].map((name) => methodNamed(bench, name));
  for (const { method } of choice.settings)
    if (!chosen.some(({ name }) => name === method))
      throw new OptionError(`expected a setting of a method that runs, found '${method}'`);
  const methods = chosen.map((method) =>
    choice.settings.filter((s) => s.method === method.name).reduce((m, s) => set(m, s), method),
  );
  const task = chosenOf('a task', bench.tasks, choice.task);
  const protocol = chosenOf('a protocol', bench.protocols, choice.protocol);
  networkOf(bench, choice);
  const sizes = sizesOf(bench.sizes[choice.size], choice);
  const testbed = open();
  return {
    task: { ...task, outputs: testbed.outputs ?? task.outputs },
    protocol,
    methods,
    sizes: { ...sizes, points: Math.min(sizes.points, testbed.sourceCount ?? Infinity) },
    firstSplit: choice.firstSplit ?? 0,
    testbed,
  };
}

/** What can be named, with titles: the help of a testbed, from its records. */
export function listOf<I>({ title, tasks, protocols, networks, methods, first }: Bench<I>): string {
  const width = Math.max(...methods.map(({ name }) => name.length)) + 2;
  const lines = (all: readonly { readonly name: string; readonly title: string }[]): string =>
    all.map((x) => `  ${x.name.padEnd(width)}${x.title}`).join('\n');
  const about = methods.map((m) => ({ name: m.name, title: `${m.title}: ${m.about}` }));
  return `${title}\n\nTasks:\n${lines(tasks)}\n\nProtocols:\n${lines(protocols)}\n\nNetworks:\n${lines(networks)}\n\nMethods (without --methods: ${first.join(', ')}):\n${lines(about)}\n\nA name with -x5 is an ensemble of five. --set METHOD.NAME=VALUE changes a setting:\n${methods
    .filter(({ config }) => Object.keys(config).length > 0)
    .map(
      ({ name, config }) =>
        `  ${name.padEnd(width)}${Object.entries(config)
          .map(([k, v]) => `${k}=${v}`)
          .join(' ')}`,
    )
    .join('\n')}\n`;
}

import { CommentTag, Converter, ReflectionKind } from 'typedoc';

// Pages are named by their headings, and exports get the category of their file.

/** Categories of values by their file, the first that fits; a file without one is an error. */
const CATEGORIES = [
  [/^src\/(index|ops\/create)\.ts/, 'Creation'],
  [/^src\/ops\/random\.ts/, 'Random numbers'],
  [/^src\/ops\/(elementwise|clamp|gate|rounding|special|trigonometry)\.ts/, 'Elementwise'],
  [/^src\/ops\/(reduce|nan-reduce|cumsum|cumulative|quantile|counting|covariance)\.ts/, 'Reductions'],
  [
    /^src\/ops\/(movement|join|broadcast|arrange|at|take|take-along|one-hot|sort|unique)\.ts/,
    'Shapes, parts and indices',
  ],
  [/^src\/ops\/linalg\//, 'Linear algebra'],
  [
    /^src\/ops\/(matmul|conv|conv-axes|pool|pool-axes|resize|normalize|softmax)\.ts/,
    'Products, windows and normalisation',
  ],
  [/^src\/transforms\//, 'Derivatives'],
  [/^src\/control\//, 'Loops and choices'],
  [/^src\/implicit\//, 'Solvers'],
  [/^src\/(core\/tree|ops\/trees)\.ts/, 'Trees'],
  [/^src\/compile\//, 'Compilation'],
  [/^src\/(backends|core\/tensor)/, 'Tensors and devices'],
  [/^src\/nn\/(masked|mask-trees|gates|density|prune|exact-masks|compact\/compact)\.ts/, 'Masks and pruning'],
  [/^src\/nn\/activations\.ts/, 'Activations'],
  [/^src\/nn\/(losses|likelihoods|margins|reduction)\.ts/, 'Losses'],
  [/^src\/nn\/similarity\.ts/, 'Similarities'],
  [/^src\/nn\/initializers\.ts/, 'Initializers'],
  [/^src\/nn\/(state-dict|summary)\.ts/, 'Parameters'],
  [/^src\/nn\//, 'Layers'],
  [/^src\/optim\/schedules\.ts/, 'Schedules'],
  [/^src\/optim\/(prox|project|joint-mask)\.ts/, 'Proximal operators and projections'],
  [/^src\/optim\/(clip|compose|layer-steps|partition)\.ts/, 'Composition'],
  [/^src\/optim\//, 'Optimizers'],
  [/^src\/minimize\/natural-gradient\.ts/, 'Composition'],
  [/^src\/minimize\//, 'Searches'],
  [/^src\/bilevel\//, 'Bilevel problems'],
  [/^src\/io\//, 'Files'],
  [/^src\/debug\//, 'Looking into a run'],
  [/^src\/(core\/op|extend\/define|ops\/define-elementwise)\.ts/, 'Definitions of ops'],
  [/^src\/core\//, 'Checks of arguments'],
  [/^src\/testing\/arbitraries\.ts/, 'Arbitraries'],
  [/^src\/testing\//, 'Checks'],
];

/** Ops of elementwise.ts that have a category of their own. */
const COMPARISONS = ['less', 'greater', 'lessEqual', 'greaterEqual', 'equal', 'notEqual', 'where'];
const TYPES = ReflectionKind.Interface | ReflectionKind.TypeAlias;

const categoryOf = (name, kind, file) => {
  if (kind & TYPES) return 'Types';
  if (COMPARISONS.includes(name)) return 'Comparisons';
  return CATEGORIES.find(([path]) => path.test(file))?.[1];
};

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const page of project.getReflectionsByKind(ReflectionKind.Document)) {
      const [heading] = page.content;
      const [, title] = /^# (.*)\n/.exec(heading.text) ?? [];
      if (title === undefined) app.logger.error(`${page.name}: expected a heading in its first line`);
      else [page.name, heading.text] = [title, heading.text.replace(/^# .*\n/, '')];
    }
    const exported = project.children.flatMap((module) => module.children ?? []);
    for (const reflection of exported) {
      if (reflection.isReference()) continue;
      const file = project.getSymbolIdFromReflection(reflection)?.packagePath ?? '';
      const category = categoryOf(reflection.name, reflection.kind, file);
      if (category === undefined) app.logger.error(`typedoc.plugin.js: expected a category for ${file}`);
      else
        for (const { comment } of [reflection, ...(reflection.signatures ?? [])])
          comment?.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: category }]));
    }
  });
}

/** The folders of this repository. */
const OWN = '^(src|kernels|examples|bench|test)/';
/** What the package exports under its names. */
const PUBLISHED = 'src/index|src/[a-z]+/index|src/backends/gpu/index';

/**
 * The rules of docs/architecture.md: of this repository a layer may import only what its rule
 * names.
 */
const only = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: OWN, pathNot: to },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('kernels-are-leaves', '^kernels/', '^kernels/'),
    only('core', '^src/core/', '^src/core/'),
    only('ops', '^src/ops/', '^src/(core|ops)/'),
    only('transforms', '^src/transforms/', '^src/(core|ops|transforms)/'),
    only('control', '^src/control/', '^src/(core|ops|transforms|compile|control)/'),
    only('implicit', '^src/implicit/', '^src/(core|ops|transforms|implicit)/'),
    {
      ...only('backends', '^src/backends/', '^(kernels|src/(core|backends))/'),
      // Kernels may know the attribute types of their ops, never the ops.
      to: { path: OWN, pathNot: '^(kernels|src/(core|backends))/', dependencyTypesNot: ['type-only'] },
    },
    only('compile', '^src/compile/', '^src/(core|compile)/'),
    only('nn', '^src/nn/', '^src/(core|ops|control|nn)/'),
    only('extend', '^src/extend/', '^src/(core|ops|extend)/'),
    {
      ...only('optim', '^src/optim/', '^src/(core|ops|optim)/'),
      // Its index exports the searches too, which need derivatives.
      from: { path: '^src/optim/', pathNot: '^src/optim/index' },
    },
    only('optim-index', '^src/optim/index', '^src/(optim|minimize)/'),
    only('minimize', '^src/minimize/', '^src/(core|ops|transforms|compile|control|implicit|optim|minimize)/'),
    only('bilevel', '^src/bilevel/', '^src/(core|ops|transforms|compile|control|implicit|optim|bilevel)/'),
    {
      ...only('io', '^src/io/', '^src/(core|io)/'),
      // Its index binds loading to the default device, as src/index.ts does for creation.
      from: { path: '^src/io/', pathNot: '^src/io/index' },
    },
    only('io-index', '^src/io/index', '^src/(core|backends|io)/'),
    only('testing', '^src/testing/', '^src/(core|ops|transforms|compile|backends|testing)/'),
    only('debug', '^src/debug/', '^src/(core|compile|debug)/'),
    only('index', '^src/index', '^src/'),
    only('examples', '^examples/', `^examples/|${PUBLISHED}`),
    {
      ...only('bench', '^bench/', `^(bench|kernels|examples)/|${PUBLISHED}`),
      from: { path: '^bench/', pathNot: '^bench/gpu/' },
    },
    // It counts the launches of a device, and opens browsers as the tests do.
    only(
      'bench-gpu',
      '^bench/gpu/',
      `^(bench|kernels|examples|src/backends/gpu|test/browser|test/support)/|${PUBLISHED}`,
    ),
    {
      name: 'src-is-dependency-light',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/testing/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'core'],
        pathNot: 'node_modules/(@types/)?(ndarray|gpu\\.js)',
      },
    },
    {
      name: 'gpu.js-only-on-demand',
      comment: 'Optional peers: only the GPU backend loads them, and only once a device is asked for.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: 'node_modules/(gpu\\.js|webgpu)/', dependencyTypesNot: ['dynamic-import'] },
    },
    {
      name: 'gpu.js-only-where-it-starts',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/backends/gpu/start' },
      to: { path: 'node_modules/(gpu\\.js|webgpu)/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};

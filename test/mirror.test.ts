import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';

// A file of src finds its test by name: src/a/b.ts is tested by test/a/b.test.ts, or by the files
// of test/a/b. What else there is stands in one of these two lists.

/** Suites about the whole library, or about what is not in src. */
const WHOLE = /^(browser|calls|docs|examples|fuzz|onnx|oracle|packaging|support|types)\/|^(docs|mirror)\.test\.ts$/;

/**
 * Tests of one theme, and the files of src that have no test but these. A path that ends in / is a
 * room, all of whose files are tested by what the device does.
 */
const THEMES: Readonly<Record<string, readonly string[]>> = {
  // In the order of src/backends.
  'backends/cpu/device.test.ts': ['backends/cpu/run-op.ts', 'backends/cpu/simd/wasm/build.ts', 'backends/reference.ts'],
  'backends/cpu/loops/matmul.test.ts': ['backends/cpu/loops/gemm.ts'],
  'backends/cpu/loops/reduce.test.ts': ['backends/cpu/loops/runs.ts'],
  'backends/cpu/plan/plan.test.ts': ['backends/cpu/plan/memory.ts', 'backends/plan/layout.ts'],
  'backends/cpu/plan/exchange.test.ts': ['backends/resident.ts'],
  'backends/cpu/simd/eager.test.ts': ['backends/cpu/simd/ops/op.ts', 'backends/cpu/simd/ops/table.ts'],
  'backends/cpu/simd/ops/elementwise.test.ts': ['backends/cpu/simd/chain/arithmetic.ts'],
  'backends/cpu/simd/chain/chain.test.ts': ['backends/cpu/simd/chain/encoder.ts'],
  'backends/cpu/simd/ops/linalg/values.test.ts': ['backends/cpu/simd/ops/doubles.ts'],
  'backends/cpu/simd/ops/matmul.test.ts': ['backends/cpu/simd/wasm/instance.ts'],
  'backends/cpu/simd/threads/tasks.test.ts': [
    'backends/cpu/simd/ops/conv.ts',
    'backends/cpu/simd/threads/split-products.ts',
    'backends/cpu/simd/threads/task.ts',
  ],
  'backends/cpu/simd/threads/team.test.ts': ['backends/cpu/simd/threads/round.ts'],
  'backends/plan/fuse.test.ts': ['backends/plan/step.ts'],
  'backends/gpu/adam.test.ts': ['backends/gpu/ops/'],
  'backends/gpu/agree.test.ts': ['backends/gpu/ops/'],
  'backends/gpu/compile.test.ts': ['backends/gpu/plan/'],
  'backends/gpu/ieee.test.ts': ['backends/gpu/ops/'],
  'backends/gpu/kernels.test.ts': ['backends/gpu/ops/'],
  'backends/gpu/memory.test.ts': ['backends/gpu/engine/', 'backends/gpu/scope.ts'],
  'backends/gpu/parity.test.ts': ['backends/gpu/device.ts', 'backends/gpu/dispatch.ts'],
  'backends/gpu/refusals.test.ts': [
    'backends/gpu/lifetime.ts',
    'backends/gpu/start.ts',
    'backends/gpu/transfer.ts',
    'backends/gpu/engine/',
  ],
  'backends/gpu/shaders.test.ts': ['backends/gpu/webgpu/'],
  'backends/gpu/webgpu.test.ts': ['backends/gpu/webgpu/'],
  // Compiled functions as a whole.
  'compile/aliasing.test.ts': ['backends/cpu/plan/exchange.ts', 'backends/cpu/plan/plan.ts'],
  'compile/least-work.test.ts': ['backends/cpu/simd/step.ts'],
  'compile/memory.test.ts': ['backends/cpu/plan/exchange.ts', 'compile/compile.ts'],
  'compile/programs.test.ts': ['backends/cpu/plan/plan.ts', 'compile/interpret.ts'],
  'compile/state.test.ts': ['backends/cpu/plan/exchange.ts', 'backends/cpu/plan/in-place.ts'],
  'compile/threads.test.ts': ['backends/cpu/simd/threads/thread.ts'],
  'compile/transforms.test.ts': ['compile/trace.ts'],
  'compile/x-yield.test.ts': ['backends/cpu/plan/plan.ts'],
  // The values and the derivatives of ops.
  'core/traits.test.ts': ['core/op.ts'],
  'ops/cumulative.test.ts': ['backends/cpu/loops/scans.ts'],
  'ops/errors.test.ts': ['core/device.ts', 'core/dtype.ts', 'ops/window.ts'],
  'ops/ieee.test.ts': ['ops/scalar-functions.ts'],
  'ops/integers.test.ts': ['ops/define-elementwise.ts'],
  'ops/kinks.test.ts': ['ops/clamp.ts', 'ops/elementwise.ts', 'ops/pool.ts'],
  'ops/linalg/einsum.test.ts': ['ops/linalg/einsum-path.ts'],
  'ops/linalg/factor.test.ts': [
    'ops/linalg/batch.ts',
    'ops/linalg/cholesky.ts',
    'ops/linalg/householder.ts',
    'ops/linalg/norm.ts',
    'ops/linalg/products.ts',
    'ops/linalg/qr.ts',
    'ops/linalg/solve.ts',
    'ops/linalg/triangles.ts',
  ],
  'ops/linalg/spectral.test.ts': ['ops/linalg/jacobi.ts', 'ops/linalg/rows.ts'],
  'ops/op-table.test.ts': [
    'ops/one-hot.ts',
    'testing/op-case.ts',
    'testing/table-elementwise.ts',
    'testing/table-linalg.ts',
    'testing/table-make.ts',
    'testing/table-movement.ts',
    'testing/table-norms.ts',
    'testing/table-order.ts',
    'testing/table-products.ts',
    'testing/table-reduce.ts',
    'testing/table-special.ts',
    'testing/table-windows.ts',
  ],
  'ops/unique.test.ts': ['ops/positions.ts'],
  'ops/values.test.ts': ['ops/elementwise.ts', 'ops/pool.ts'],
  'oracle/calls.test.ts': ['ops/covariance.ts', 'ops/nan-reduce.ts', 'ops/quantile.ts'],
  'oracle/nn.test.ts': [
    'nn/affine.ts',
    'nn/group-norm.ts',
    'nn/layer-norm.ts',
    'nn/likelihoods.ts',
    'nn/margins.ts',
    'nn/prelu.ts',
    'nn/reduction.ts',
    'nn/similarity.ts',
    'ops/conv-axes.ts',
    'ops/pool-axes.ts',
    'ops/resize.ts',
  ],
  'oracle/values.test.ts': [
    'ops/elementwise.ts',
    'ops/gamma-functions.ts',
    'ops/gate.ts',
    'ops/rounding.ts',
    'ops/scalar-functions.ts',
    'ops/trigonometry.ts',
  ],
  'ops/views.test.ts': ['backends/ndarray-storage.ts', 'core/view.ts'],
  'ops/movement.test.ts': ['ops/join.ts', 'ops/trees.ts'],
  // Implicit functions.
  'implicit/linear-solve.test.ts': ['implicit/methods/', 'implicit/quiet.ts', 'implicit/vector.ts'],
  'implicit/custom-root.test.ts': ['implicit/fixed-point.ts'],
  // Searches.
  'minimize/minimize.test.ts': ['minimize/objective.ts'],
  'minimize/later.test.ts': ['minimize/flat.ts'],
  'minimize/least-squares.test.ts': ['minimize/residuals.ts'],
  'minimize/minimum.test.ts': ['minimize/result.ts', 'minimize/searched.ts'],
  'minimize/refusals.test.ts': ['minimize/minimize.ts'],
  'bilevel/hypergradient.test.ts': ['bilevel/mode.ts', 'bilevel/problem.ts'],
  'bilevel/inverse-hessian.test.ts': ['bilevel/through-solve.ts'],
  'bilevel/lower-level.test.ts': ['bilevel/rule.ts', 'bilevel/through-steps.ts'],
  // Transforms.
  'transforms/containers.test.ts': ['core/plain.ts', 'core/tree.ts'],
  'transforms/memory.test.ts': ['core/graph.ts'],
  'transforms/properties.test.ts': ['testing/draw.ts', 'transforms/second-order.ts', 'transforms/vjp.ts'],
  'transforms/vmap.test.ts': ['core/moment.ts', 'ops/conv-batch.ts', 'transforms/examples.ts'],
  'transforms/scopes.test.ts': [
    'core/graph.ts',
    'core/history.ts',
    'core/tensor.ts',
    'transforms/differentiate.ts',
    'transforms/vjp.ts',
  ],
  'control/loop.test.ts': ['backends/cpu/plan/loop.ts', 'compile/replay.ts'],
  // Looking into a run.
  'debug/find-nan.test.ts': [
    'core/retell.ts',
    'debug/direction.ts',
    'debug/nan-report.ts',
    'debug/run.ts',
    'debug/watching.ts',
  ],
  'debug/graph.test.ts': ['debug/drawings.ts'],
  'debug/profile.test.ts': [
    'core/table.ts',
    'debug/chrome-trace.ts',
    'debug/clock.ts',
    'debug/profile-table.ts',
    'debug/work.ts',
  ],
  'control/scan.test.ts': ['control/alike.ts', 'control/unstack.ts'],
  // The rest.
  'testing/check-grads.test.ts': ['testing/consistency.ts', 'testing/gradient-error.ts', 'testing/shrink.ts'],
  'compile/compile.test.ts': ['core/count.ts'],
  'core/tree.test.ts': ['core/reading.ts'],
  'io/fuzz.test.ts': ['io/header.ts', 'io/structure.ts'],
  'io/refusals.test.ts': ['io/header.ts', 'io/structure.ts'],
  'nn/multi-head-attention.test.ts': ['nn/attention.ts'],
  'nn/compact/compact.test.ts': ['nn/channels.ts', 'nn/compact/flow.ts', 'nn/compact/mixing.ts', 'nn/compact/walk.ts'],
  'nn/errors.test.ts': ['nn/check.ts', 'nn/layer.ts'],
  'nn/masked.test.ts': ['nn/density.ts', 'nn/mask-trees.ts'],
  'nn/random-gates.test.ts': ['nn/gates.ts'],
  'optim/adaptive.test.ts': ['ops/safe-root.ts', 'optim/adagrad.ts', 'optim/adam.ts', 'optim/rmsprop.ts'],
  'optim/clip.test.ts': ['optim/norm.ts'],
  'optim/errors.test.ts': ['optim/optimizer.ts'],
  'optim/prox-groups.test.ts': ['optim/prox.ts'],
};

const under = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
const sources = under('src').filter((path) => path.endsWith('.ts') && !/(^|\/)index\.ts$/.test(path));
const tests = under('test').filter((path) => path.endsWith('.test.ts') && !WHOLE.test(path));

/** True for a file that declares types, or exports what others declare, and does nothing itself. */
const isSilent = (text: string): boolean =>
  ts
    .createSourceFile('', text, ts.ScriptTarget.Latest)
    .statements.every((s) =>
      [ts.isImportDeclaration, ts.isExportDeclaration, ts.isInterfaceDeclaration, ts.isTypeAliasDeclaration].some(
        (is) => is(s),
      ),
    );

/** Whether a test is about a file of src by its name. */
const mirrors = (test: string, source: string): boolean => {
  const name = source.replace(/\.ts$/, '');
  return test === `${name}.test.ts` || test.startsWith(`${name}/`);
};

/** Files of src without a test. */
const untested = (files: readonly string[], by: readonly string[], themes = THEMES): string[] => {
  const named = Object.values(themes).flat();
  return files.filter(
    (file) =>
      !by.some((test) => mirrors(test, file)) &&
      !named.some((path) => path === file || (path.endsWith('/') && file.startsWith(path))),
  );
};

/** Tests of nothing. */
const astray = (by: readonly string[], files: readonly string[], themes = THEMES): string[] =>
  by.filter((test) => !(test in themes) && !files.some((file) => mirrors(test, file)));

describe('the tests mirror src', () => {
  it('so that each of its files has one of its name, or a theme that covers it', () => {
    const active = sources.filter((path) => !isSilent(readFileSync(`src/${path}`, 'utf8')));
    assert.deepEqual(untested(active, tests), []);
  });

  it('so that each test is about a file of its name, or a theme', () => {
    assert.deepEqual(astray(tests, sources), []);
  });

  it('but for themes that are there, about files that are there', () => {
    const named = Object.entries(THEMES).flatMap(([test, files]) => [`test/${test}`, ...files.map((f) => `src/${f}`)]);
    assert.deepEqual(
      named.filter((path) => !existsSync(path)),
      [],
    );
  });

  it('which would be missed: by a new file, by a test of what is gone, by a file of the same beginning', () => {
    assert.deepEqual(untested(['a/b.ts', 'a/c.ts', 'd/e.ts', 'f.ts'], ['a/b.test.ts', 'f/g.test.ts'], {}), [
      'a/c.ts',
      'd/e.ts',
    ]);
    assert.deepEqual(untested(['a/b.ts', 'a/c.ts', 'd/e.ts'], [], { 'x.test.ts': ['a/b.ts', 'd/'] }), ['a/c.ts']);
    assert.deepEqual(
      astray(['a/b.test.ts', 'a/bc.test.ts', 'a/b/c.test.ts', 'x.test.ts'], ['a/b.ts'], { 'x.test.ts': [] }),
      ['a/bc.test.ts'],
    );
    assert.ok(isSilent("import type { A } from 'a'; export type B = A; export * from './c.js';"));
    assert.ok(!isSilent('export const a = 1;'));
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  checkpoint,
  compile,
  customVjp,
  grad,
  matmul,
  mean,
  mul,
  reference,
  reshape,
  square,
  sum,
  tanh,
  tensor,
  to,
  transpose,
  vmap,
  zeros,
  type Backend,
  type Tensor,
} from 'bigrad';
import { graph, type Graph } from 'bigrad/debug';
import { programs, SHAPE } from '../support/random-programs.js';
import { x } from '../calls/values.js';

/** A device that counts what runs on it. */
function counting() {
  const ran: { ops: string[]; bytes: number } = { ops: [], bytes: 0 };
  const device: Backend = {
    ...reference, // which has no numbers without an op
    name: 'counting',
    run: (op, ins, outs, attrs) => {
      ran.ops.push(op.name);
      for (const { shape, dtype } of outs)
        ran.bytes += shape.reduce((n, d) => n * d, 1) * (dtype === 'float64' ? 8 : 4);
      return reference.run(op, ins, outs, attrs);
    },
  };
  return { ran, device };
}

/** Ways to make a scalar function of another one. */
const ways: Readonly<Record<string, (f: (v: Tensor) => Tensor) => (v: Tensor) => unknown>> = {
  'as it is': (f) => f,
  'its gradient': (f) => grad(f),
  'its second derivative': (f) => grad((v: Tensor) => sum(square(grad(f)(v)))),
  'in a checkpoint': (f) => grad(checkpoint(f)),
  'in a vmap': (f) => {
    const batch = vmap(grad(f));
    return (v) => batch(add(zeros([2, ...SHAPE], { device: v.device }), v));
  },
  'with a derivative of its own': (f) =>
    grad(
      customVjp(
        (v: Tensor) => f(v),
        (g, v) => mul(v, g),
      ),
    ),
};

describe('graph of random programs', () => {
  for (const [way, how] of Object.entries(ways))
    it(`has the ops that run, in order, and their bytes: ${way}`, () => {
      fc.assert(
        fc.property(programs(1), (program) => {
          const { ran, device } = counting();
          const input = to(x(SHAPE), device);
          const f = how((v) => sum(program.run([v])));
          f(input);
          const expected = { ops: [...ran.ops], bytes: ran.bytes };
          const g = graph(f)(input);
          assert.deepEqual(
            g.ops.map(({ op }) => op),
            expected.ops,
          );
          assert.equal(g.bytes, expected.bytes);
          // Every value is made before it is read.
          for (const { id, ins } of g.ops) for (const v of ins) assert.ok((g.values[v]!.by ?? -1) < id);
        }),
        { numRuns: 5 },
      );
    });
});

describe('graph', () => {
  it('has results that do not depend on the arguments', () => {
    const { results, values } = graph((x) => ({ a: mul(x, 2), c: tensor(5) }))(tensor([1, 2]));
    assert.deepEqual(
      results.map(({ path, value }) => [path, values[value]!.name]),
      [
        ['result.a', undefined],
        ['result.c', 'a captured tensor'],
      ],
    );
  });

  const w = tensor([
    [1, 2],
    [3, 4],
  ]);
  const loss = (p: { w: Tensor }, v: Tensor): Tensor => mean(square(tanh(matmul(v, p.w))));
  const row = tensor([[1, 2]]);
  const orders = (g: Graph): number[] => [...new Set(g.ops.map(({ order }) => order))].sort();

  it('tells the orders of derivatives apart, and names arguments and results', () => {
    const slope = grad(loss);
    assert.deepEqual(orders(graph(loss)({ w }, row)), [0]);
    assert.deepEqual(orders(graph(slope)({ w }, row)), [0, 1]);
    const g = graph(grad((p: { w: Tensor }, v: Tensor) => sum(square(slope(p, v).w))))({ w }, row);
    assert.deepEqual(orders(g), [0, 1, 2]);
    assert.deepEqual(
      g.values.filter(({ by }) => by === undefined).map(({ name, bytes }) => [name, bytes]),
      [
        ['argument 1', 8],
        ['argument 0.w', 16],
      ],
    );
    assert.deepEqual(
      g.results.map(({ path, value }) => [path, g.values[value]!.shape]),
      [['result.w', [2, 2]]],
    );
    const products = g.ops.filter(({ op }) => op === 'matmul');
    assert.deepEqual(
      products.map(({ direction, derivativeOf }) => [direction, derivativeOf]),
      [
        ['value', undefined],
        ['pullback', 'matmul'],
        ['pullback of the pullback', 'matmul'],
        ['pullback of the pullback', 'matmul'],
      ],
    );
    for (const { at } of g.ops) assert.match(at!.file, /graph\.test\.ts$/);
  });

  it('says whose cotangents a sum is of', () => {
    const twice = (v: Tensor): Tensor => {
      const t = tanh(v);
      return sum(mul(t, t));
    };
    const added = graph(grad(twice))(row).ops.filter(({ op }) => op === 'add');
    assert.deepEqual(
      added.map(({ order, derivativeOf }) => [order, derivativeOf]),
      [[1, 'tanh']],
    );
  });

  it('counts the order of unrolled steps from their own variables', () => {
    const step = (v: Tensor): Tensor => add(v, grad((u: Tensor) => sum(tanh(u)))(v));
    assert.deepEqual(orders(graph((v: Tensor) => step(step(step(v))))(row)), [0, 1]);
    assert.deepEqual(orders(graph(grad((v: Tensor) => sum(step(step(step(v))))))(row)), [0, 1, 2]);
  });

  it('is that of the ops of a compiled function', () => {
    const names = (f: (v: Tensor) => unknown): string[] => graph(f)(row).ops.map(({ op }) => op);
    const f = (v: Tensor): Tensor => sum(mul(tanh(v), tanh(v)));
    assert.deepEqual(names(compile(f)), names(f));
    assert.deepEqual(names(f), ['tanh', 'tanh', 'mul', 'sum', 'reshape']);
  });

  it('is text, a line for each op', () => {
    const lines = String(graph(grad((v: Tensor) => sum(square(v))))(row))
      .split('\n')
      .map((line) => line.replace(/ +(of \w+)? +\S+:\d+:\d+$/, ' $1').replace(/ +/g, ' '));
    assert.deepEqual(lines, [
      'value:',
      ' v1 = square(argument 0) float32[1,2] 8 B ',
      ' v2 = sum(v1) float32[1,1] 4 B ',
      ' v3 = reshape(v2) float32[] 4 B ',
      ' v4 = full() float32[] 4 B ',
      'pullback:',
      ' v5 = reshape(v4) float32[1,1] 4 B of reshape',
      ' v6 = broadcastTo(v5) float32[1,2] 8 B of sum',
      ' v7 = full() float32[1,1] 4 B of square',
      ' v8 = broadcastTo(v7) float32[1,2] 8 B of square',
      ' v9 = mul(argument 0, v8) float32[1,2] 8 B of square',
      ' v10 = mul(v6, v9) float32[1,2] 8 B of square',
      'result = v10',
      '10 ops, 60 B',
    ]);
  });

  it('is a flowchart and a digraph with a cluster for each order', () => {
    const g = graph(grad((v: Tensor) => sum(tanh(v))))(row);
    const chart = g.mermaid().split('\n');
    assert.equal(chart[0], 'flowchart TB');
    assert.ok(chart.includes('  v0(["argument 0"])'));
    assert.ok(chart.includes('  subgraph order0["value"]'));
    assert.ok(chart.includes('  subgraph order1["pullback"]'));
    assert.ok(chart.includes('  v0 -- "float32[1,2] 8 B" --> n0'));
    assert.ok(chart.includes('  r0(["result"])'));
    const digraph = g.dot().split('\n');
    assert.deepEqual([digraph[0], digraph.at(-1)], ['digraph {', '}']);
    assert.ok(digraph.includes('  subgraph cluster_1 {'));
    assert.ok(digraph.includes('    label="pullback";'));
    assert.ok(digraph.includes('  v0 -> n0 [label="float32[1,2] 8 B"];'));
    const reads = g.ops.reduce((n, { ins }) => n + ins.length, g.results.length);
    assert.equal(chart.filter((line) => line.includes('-->')).length, reads);
    assert.equal(digraph.filter((line) => line.includes('->')).length, reads);
  });

  it('leaves out views on request', () => {
    const g = graph((v: Tensor) => add(transpose(mul(v, transpose(v))), 1))(tensor([[1]]));
    const chart = g.mermaid({ views: false });
    assert.deepEqual(
      [...chart.matchAll(/n\d+\["(\w+)"\]/g)].map((m) => m[1]),
      ['mul', 'full', 'add'],
    );
    const edges = (text: string): string[] =>
      [...text.matchAll(/(\w+) (?:--.*-->|->) (\w+)/g)].map((m) => `${m[1]}-${m[2]}`);
    assert.deepEqual(edges(chart), ['v0-n1', 'v0-n1', 'n1-n4', 'n3-n4', 'n4-r0']);
    assert.deepEqual(edges(g.dot({ views: false })), edges(chart));
    assert.throws(() => g.dot({ view: false } as never), /^TypeError: dot: expected no options but views, got view/);
  });

  it('keeps quotes, brackets and signs of names out of the languages', () => {
    const g = graph((p: Record<string, Tensor>) => tanh(p['a"<b>#\n']!))({ 'a"<b>#\n': row });
    assert.ok(g.mermaid().includes('v0(["argument 0.a#34;#60;b#62;#35; "])'));
    assert.ok(g.dot().includes('v0 [label="argument 0.a\\"<b>#\\n", shape=ellipse];'));
  });

  it('is plain data beside its texts', () => {
    const g = graph((v: Tensor) => reshape(v, [2]))(row);
    assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(g)) as object), ['ops', 'values', 'results', 'bytes']);
    assert.deepEqual(g.values[1], { id: 1, shape: [2], dtype: 'float32', bytes: 8, by: 0, name: undefined });
  });

  it('refuses what it cannot run, and passes errors on', () => {
    assert.throws(() => graph(3 as never), /^TypeError: graph: expected a function, got the number 3$/);
    assert.throws(() => graph(() => row)(), /^TypeError: graph: expected a tensor among the arguments, got none$/);
    assert.throws(() => graph((v: Tensor) => reshape(v, [7]))(row), /^RangeError: reshape: expected a shape of/);
  });
});

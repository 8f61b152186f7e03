import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  compile,
  cpu,
  dot,
  eye,
  full,
  grad,
  hvp,
  jacobian,
  jvp,
  leaves,
  linearize,
  mapTree,
  mixedProduct,
  mul,
  ones,
  reshape,
  square,
  stopGradient,
  sub,
  sum,
  tanh,
  tensor,
  vjp,
  vmap,
  zeros,
  type Gradient,
  type Tensor,
} from 'bigrad';
import { checkGrads, opTable } from 'bigrad/testing';
import { drawer } from '../../src/testing/draw.js';
import { maker } from '../../src/testing/op-case.js';
import { sources } from '../support/arbitraries.js';
import { close } from '../support/close.js';
import { Program, programs, SHAPE } from '../support/random-programs.js';

const registers = (n: number): fc.Arbitrary<Tensor[]> =>
  fc.array(
    sources(SHAPE).map((s) => s.make(cpu)),
    { minLength: n, maxLength: n },
  );
const floats = (tree: unknown): Tensor[] => leaves(tree).filter((x) => x.dtype !== 'int32');
const scalar = (p: Program) => (xs: Tensor[]) => sum(tanh(p.run(xs)));

describe("<u, J v> = <J' u, v>", () => {
  for (const { op, cases, order } of opTable) {
    if (order === 0) continue;
    it(`for ${op}`, () => {
      for (const { title, inputs, f } of cases) {
        const make = maker(cpu, 'float64');
        const xs = inputs(make);
        const random = maker(cpu, 'float64', 19);
        const like = <T>(tree: T): Gradient<T> =>
          mapTree((t) => (t.dtype === 'int32' ? t : random(t.shape)), tree) as Gradient<T>;
        const v = like(xs);
        const [y, dy] = jvp((zs: Tensor[]) => f(...zs) as Tensor[], xs, v);
        const u = like(y);
        const [, pull] = vjp((zs: Tensor[]) => f(...zs) as Tensor[], xs);
        close(dot(floats(dy), floats(u)), dot(floats(pull(u)), floats(v)), 1e-10, title);
        if (floats(y).some((t) => t.size > 0)) assert.ok(floats(u).some((t) => t.readSync().some((e) => e !== 0)));
      }
    });
  }

  it('for random compositions, where J v is the difference quotient too', () => {
    fc.assert(
      fc.property(programs(2), registers(2), registers(2), registers(1), (p, xs, v, [u]) => {
        const f = (zs: Tensor[]): Tensor => p.run(zs);
        const [, dy] = jvp(f, xs, v);
        const [, pull] = vjp(f, xs);
        close(dot(dy, u), dot(pull(u!), v), 1e-8);
        const h = 1e-4;
        const at = (s: number): Tensor => f(xs.map((x, i) => add(x, mul(v[i]!, s))));
        const rest = sub(mul(dy, 2 * h), sub(at(h), at(-h)));
        const scale = Math.max(1, ...dy.readSync().map(Math.abs));
        assert.ok(
          rest.readSync().every((e) => Math.abs(e) < 1e-6 * scale * 2),
          'difference quotient',
        );
      }),
    );
  });
});

describe('linearize', () => {
  it('is J v for each of many directions, and linear', () => {
    fc.assert(
      fc.property(programs(2), registers(2), registers(2), registers(2), (p, xs, v, w) => {
        const f = (zs: Tensor[]): Tensor => p.run(zs);
        const [y, push] = linearize(f, xs);
        close(y, f(xs), 0);
        for (const u of [v, w]) close(push(u), jvp(f, xs, u)[1], 0);
        const both = v.map((t, i) => add(mul(t, 2), w[i]!));
        close(push(both), add(mul(push(v), 2), push(w)), 1e-8);
        const [, compiled] = linearize(
          compile((zs: Tensor[]) => f(zs)),
          xs,
        );
        close(compiled(v), push(v), 0);
        close(compile((zs: Tensor[], u: Tensor[]) => linearize(f, zs)[1](u))(xs, v), push(v), 1e-8);
      }),
      { numRuns: 20 },
    );
  });

  it('takes all directions at once under vmap, and is differentiated like anything else', () => {
    fc.assert(
      fc.property(programs(1), registers(1), registers(1), (p, [x], [v]) => {
        const f = (z: Tensor): Tensor => p.run([z]);
        const [, push] = linearize(f, x!);
        const columns = vmap((u: Tensor) => push(u), { out: 2 })(reshape(eye(6, { dtype: 'float64' }), [6, ...SHAPE]));
        close(reshape(columns, [...SHAPE, ...SHAPE]), jacobian(f)(x!), 1e-8);
        const slope = (how: (z: Tensor) => Tensor) => grad((z: Tensor) => sum(tanh(how(z))))(x!);
        const [a, b] = [slope((z) => linearize(f, z)[1](v!)), slope((z) => jvp(f, z, v!)[1])];
        close(a, b, 1e-8);
        const inV = grad((u: Tensor) => sum(tanh(push(u))))(v!);
        close(inV, vjp(f, x!)[1](grad((t: Tensor) => sum(tanh(t)))(push(v!))), 1e-8);
      }),
      { numRuns: 20 },
    );
  });

  it('runs f once, keeps what it was given, and refuses other directions', () => {
    let runs = 0;
    const at = { w: ones([2]), n: tensor([1], { dtype: 'int32' }) };
    const [y, push] = linearize((p: typeof at) => (runs++, { y: square(p.w), n: p.n }), at);
    at.w = ones([5]);
    for (const s of [1, 2]) assert.deepEqual([...push({ w: full([2], s), n: undefined }).y.readSync()], [2 * s, 2 * s]);
    assert.equal(runs, 1);
    assert.deepEqual([...y.y.readSync(), push({ w: ones([2]), n: undefined }).n], [1, 1, undefined]);
    const refuses = (f: () => unknown, message: RegExp): void => {
      assert.throws(f, { message });
    };
    refuses(() => push({ w: ones([3]), n: undefined }), /^linearize: expected a tangent of shape \[2\], got \[3\]$/);
    refuses(() => push(3 as never), /^linearize: expected/);
    refuses(() => linearize(3 as never, ones([1])), /^linearize: expected a function, got the number 3$/);
    refuses(() => linearize(() => 3, ones([1])), /^linearize: expected f to return tensors, got the number 3$/);
  });
});

describe('derivatives of random compositions', () => {
  it('agree with differences to the second order', () => {
    fc.assert(
      fc.property(programs(2, 4), registers(2), (p, xs) => {
        checkGrads((...zs: Tensor[]) => p.run(zs), xs, { tolerance: 1e-5 });
      }),
      { numRuns: 25 },
    );
  });

  it('are linear in the cotangent', () => {
    fc.assert(
      fc.property(programs(2), registers(2), registers(2), (p, xs, [g, h]) => {
        const [, pull] = vjp((zs: Tensor[]) => p.run(zs), xs);
        const [a, b, both] = [pull(g!), pull(h!), pull(add(mul(g!, 2), h!))];
        both.forEach((t, i) => {
          close(t, add(mul(a[i]!, 2), b[i]!), 1e-9);
        });
      }),
    );
  });

  it("are symmetric in the second order: u' H v = v' H u", () => {
    fc.assert(
      fc.property(programs(2), registers(2), registers(2), registers(2), (p, xs, u, v) => {
        close(dot(hvp(scalar(p), xs, v), u), dot(hvp(scalar(p), xs, u), v), 1e-8);
      }),
    );
  });

  it("have mixed partials that are each other's transpose", () => {
    fc.assert(
      fc.property(programs(2), registers(2), registers(2), (p, [x, y], [v, w]) => {
        const f = (a: Tensor, b: Tensor): Tensor => scalar(p)([a, b]);
        const swapped = (b: Tensor, a: Tensor): Tensor => f(a, b);
        close(dot(mixedProduct(f, x!, y!, v!), w), dot(mixedProduct(swapped, y!, x!, w!), v), 1e-8);
      }),
    );
  });

  it('have a mixed product that is part of the Hessian of both arguments together', () => {
    fc.assert(
      fc.property(programs(2), registers(2), registers(1), (p, [x, y], [v]) => {
        const together = hvp(scalar(p), [x!, y!], [v!, zeros(SHAPE, { dtype: 'float64' })]);
        close(
          mixedProduct((a: Tensor, b: Tensor) => scalar(p)([a, b]), x!, y!, v!),
          together[1]!,
          1e-8,
        );
      }),
    );
  });

  it('add up where one tensor is given twice: d/dx f(x, x) is the sum of both partials', () => {
    fc.assert(
      fc.property(programs(2), registers(1), (p, [x]) => {
        const [a, b] = grad(scalar(p))([x!, x!]);
        close(grad((z: Tensor) => scalar(p)([z, z]))(x!), add(a!, b!), 1e-9);
      }),
    );
  });

  it('are zero in an unused input, in both orders', () => {
    fc.assert(
      fc.property(programs(1), registers(2), registers(1), (p, [x, y], [v]) => {
        const f = (zs: Tensor[]): Tensor => scalar(p)([zs[0]!]);
        assert.ok(
          grad(f)([x!, y!])[1]!
            .readSync()
            .every((e) => e === 0),
        );
        const h = hvp(f, [x!, y!], [v!, v!]);
        assert.ok(h[1]!.readSync().every((e) => e === 0));
        close(
          h[0]!,
          hvp((z: Tensor) => scalar(p)([z]), x!, v!),
          1e-9,
        );
      }),
    );
  });

  it('are zero in both orders through stopGradient, which changes no value', () => {
    fc.assert(
      fc.property(programs(2), registers(2), registers(1), (p, [x, y], [v]) => {
        const cut = (a: Tensor): Tensor => scalar(p)([stopGradient(a), y!]);
        close(cut(x!), scalar(p)([x!, y!]));
        assert.ok(
          grad(cut)(x!)
            .readSync()
            .every((e) => e === 0),
        );
        assert.ok(
          hvp(cut, x!, v!)
            .readSync()
            .every((e) => e === 0),
        );
        const half = (a: Tensor): Tensor => dot(a, stopGradient(p.run([a, y!])));
        close(grad(half)(x!), p.run([x!, y!]));
        assert.ok(
          hvp(half, x!, v!)
            .readSync()
            .every((e) => e === 0),
        );
      }),
    );
  });

  it('are the same through an inner gradient of a linear function: d/dx <a, x> is a', () => {
    fc.assert(
      fc.property(programs(1), registers(1), registers(1), (p, [x], [z]) => {
        const a = (t: Tensor): Tensor => p.run([t]);
        const through = (t: Tensor): Tensor => dot(grad((s: Tensor) => dot(s, a(t)))(z!), a(t));
        close(grad(through)(x!), grad((t: Tensor) => dot(a(t), a(t)))(x!), 1e-8);
      }),
    );
  });
});

describe('random programs', () => {
  it('print as they run', () => {
    const p = new Program(2, [
      ['gram', 0, 1],
      ['tanh', 2, 5],
    ]);
    assert.equal(String(p), '2 inputs; r2 = gram(r0, r1); r3 = tanh(r2, r2)');
    const draw = drawer(1);
    assert.notEqual(draw(), draw());
  });
});

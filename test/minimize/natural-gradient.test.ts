import fc from 'fast-check';
import {
  add,
  compile,
  eye,
  grad,
  hessian,
  jacobian,
  matmul,
  mul,
  mean,
  onesLike,
  reshape,
  softmaxCrossEntropy,
  softplus,
  solve,
  square,
  sub,
  sum,
  tanh,
  tensor,
  transpose,
  type Tensor,
} from 'bigrad';
import { chain, naturalGradient, sgd } from 'bigrad/optim';
import { near } from '../support/close.js';
import { double, f64, tensors, wave } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';

const x = wave([5, 2]);
const tight = { damping: 0.1, tolerance: 1e-12 };
/** (H + damping I)^-1 g. */
const solved = (h: Tensor, g: Tensor): Tensor =>
  reshape(solve(add(reshape(h, [g.size, g.size]), mul(eye(g.size, double), 0.1)), reshape(g, [-1])), g.shape);

describe('naturalGradient', () => {
  // Where outputs are linear in the parameters, the Fisher information is the Hessian of the loss.
  const losses: Record<string, (w: Tensor) => Tensor> = {
    normal: (w) => mul(sum(square(sub(matmul(x, w), wave([5, 3], 2)))), 1 / 10),
    categorical: (w) => mean(softmaxCrossEntropy(matmul(x, w), tensor([0, 1, 2, 0, 1], { dtype: 'int32' }))),
    bernoulli: (w) => {
      const y = matmul(x, w);
      return mul(sum(sub(softplus(y), mul(y, 0.3))), 1 / 5);
    },
  };
  for (const [name, loss] of Object.entries(losses))
    it(`solves with the Hessian of a linear ${name} model`, () => {
      fc.assert(
        fc.property(tensors([2, 3]), tensors([2, 3]), (w, g) => {
          const natural = naturalGradient((p: Tensor) => matmul(x, p), { ...tight, likelihood: name as 'normal' });
          near(natural(g, w), solved(hessian(loss)(w), g), 1e-8);
        }),
        { numRuns: 3 },
      );
    });

  it('solves with J J of outputs that are not linear, over trees', () => {
    const outputs = ({ w, b }: { w: Tensor; b: Tensor }) => tanh(add(matmul(x, w), b));
    const [p, g] = [
      { w: wave([2, 1]), b: wave([1], 2) },
      { w: wave([2, 1], 3), b: wave([1], 4) },
    ];
    const jw = reshape(jacobian((w: Tensor) => outputs({ ...p, w }))(p.w), [5, 2]);
    const jb = reshape(jacobian((b: Tensor) => outputs({ ...p, b }))(p.b), [5, 1]);
    const blocks = [
      [matmul(transpose(jw), jw), matmul(transpose(jw), jb)],
      [matmul(transpose(jb), jw), matmul(transpose(jb), jb)],
    ];
    const natural = naturalGradient(outputs, tight)(g, p);
    // F d / 5 + 0.1 d = g.
    const [dw, db] = [natural.w, reshape(natural.b, [1, 1])];
    const back = (row: Tensor[], d: Tensor): Tensor =>
      add(mul(add(matmul(row[0]!, dw), matmul(row[1]!, db)), 1 / 5), mul(d, 0.1));
    near([back(blocks[0]!, dw), back(blocks[1]!, db)], [g.w, g.b], 1e-9);
  });

  it('is part of a chain, in plans too, and can be differentiated', () => {
    const loss = losses.categorical!;
    const natural = naturalGradient((p: Tensor) => matmul(x, p), { ...tight, likelihood: 'categorical' });
    const optimizer = chain(natural, sgd({ learningRate: 0.5 }));
    const step = (w: Tensor): Tensor => optimizer.update(grad(loss)(w), optimizer.init(w), w)[0];
    const w = wave([2, 3]);
    const expected = sub(w, mul(solved(hessian(loss)(w), grad(loss)(w)), 0.5));
    near([step(w), compile(step)(w)], [expected, expected], 1e-8);
    const g = grad(losses.normal!)(w);
    const plain = naturalGradient((p: Tensor) => matmul(x, p), tight);
    const a = hessian(losses.normal!)(w);
    near(grad((v: Tensor) => sum(plain(v, w)))(g), solved(a, onesLike(g)), 1e-8);
  });

  it('takes a vector of logits for one example', () => {
    const natural = (outputs: (p: Tensor) => Tensor, g: Tensor): Tensor =>
      naturalGradient(outputs, { ...tight, likelihood: 'categorical' })(g, wave([3]));
    near(
      natural((p) => p, wave([3], 2)),
      natural((p) => reshape(p, [1, 3]), wave([3], 2)),
    );
  });

  it('counts the numbers of a vector of outputs as examples, but for logits of classes', () => {
    const outputs = (w: Tensor): Tensor => reshape(matmul(x, w), [5]);
    const [w, g] = [wave([2, 1]), wave([2, 1], 3)];
    near(naturalGradient(outputs, tight)(g, w), solved(mul(matmul(transpose(x), x), 1 / 5), g), 1e-9);
    // A scalar is one example: (4 + 1/10) d = 1.
    near(naturalGradient((p: Tensor) => mul(p, 2), tight)(f64(1), f64(3)), 1 / 4.1, 1e-9);
  });

  it('solves as its options say', () => {
    const natural = naturalGradient((p: Tensor) => matmul(x, p), { maxSteps: 1 });
    refuses(() => natural(wave([2, 1], 3), wave([2, 1])), RangeError, 'naturalGradient: expected', 'after 1 steps');
  });

  it('leaves parameters without a gradient alone', () => {
    const outputs = ({ w, b }: { w: Tensor; b?: Tensor }) => add(matmul(x, w), b ?? 0);
    const p = { w: wave([2, 1]), b: f64([1]) };
    const g = { w: wave([2, 1], 3), b: undefined };
    const found = naturalGradient(outputs, tight)(g, p);
    near(found.w, solved(mul(matmul(transpose(x), x), 1 / 5), g.w), 1e-9);
  });
});

import fc from 'fast-check';
import { cast, mapTree, randomKey, relu, softplus, tanh } from 'bigrad';
import { batchNorm2d, compact, linear, masked, sequential, smoothL0 } from 'bigrad/nn';
import { f64 } from '../../support/numbers.js';
import { refuses } from '../../support/refuses.js';
import { asIs, chain, blocks, started, masksOf, agree } from './nets.js';

describe('compact', () => {
  const cases = fc.record({
    seed: fc.nat(1e6),
    dead: fc.constantFrom(0, 0.3, 0.6, 0.9),
    padding: fc.constantFrom(0, 1),
    bias: fc.boolean(),
    act: fc.constantFrom(relu, tanh, softplus),
  });

  it('gives the outputs and derivatives of any chain under any masks', () => {
    fc.assert(
      fc.property(cases, ({ seed, dead, padding, bias, act }) => {
        const net = chain(padding, bias, act);
        const { params, state } = started(net, seed);
        agree(net, params, masksOf(params, seed, dead), state);
      }),
      { numRuns: 6 },
    );
  });

  it('gives those of residual blocks, whose channels go in all branches or in none', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.constantFrom(0.3, 0.7), (seed, dead) => {
        const net = blocks();
        const { params, state } = started(net, seed);
        agree(net, params, masksOf(params, seed, dead), state);
      }),
      { numRuns: 3 },
    );
  });

  it('agrees to 1e-6 in float32, and takes the gate of masked', () => {
    const net = chain(1, true, relu);
    const [{ params, state }, at] = [started(net, 5), <T>(tree: T): T => mapTree((t) => cast(t, 'float32'), tree)];
    const masks = masksOf(params, 5, 0.5).map(at);
    agree(net, at(params), masks, at(state), smoothL0(0.1), 1e-6);
  });
});

describe('compact refuses', () => {
  const net = sequential([linear(2, 3), relu]);
  const params = net.init(randomKey(1));
  it('masked layers, absent states, and trees of other lengths', () => {
    refuses(
      () => compact(masked(net, asIs) as never, params),
      TypeError,
      'compact: expected a layer without masks',
      'masked',
    );
    refuses(
      () => compact(batchNorm2d(2) as never, batchNorm2d(2).init(randomKey(1))),
      TypeError,
      'compact: expected the state',
      'undefined',
    );
    refuses(
      () => compact(net, [params[0]] as never),
      TypeError,
      'compact: expected parameters as an array of 2',
      'one of 1',
    );
    const stateful = sequential([batchNorm2d(2), relu]);
    const own = stateful.init(randomKey(1));
    refuses(
      () => compact(stateful, own, undefined, { state: [undefined] as never }),
      TypeError,
      'compact: expected a state as an array of 2',
      'one of 1',
    );
    refuses(
      () => compact(net, params, { weight: f64(1) } as never),
      TypeError,
      'compact: expected one mask tree',
      'weight',
    );
    refuses(() => compact(net, params, undefined, { gates: asIs } as never), TypeError, 'compact', 'gates');
  });
});

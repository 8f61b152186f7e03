import assert from 'node:assert/strict';
import { leaves } from 'bigrad';
import { BENCHES } from '../../../examples/benches.js';
import { biRpt, continued } from '../../../examples/bi-rpt/bi-rpt.js';
import { decay } from '../../../examples/bi-rpt/fine-tune.js';
import { METHODS } from '../../../examples/bi-rpt/methods.js';
import { mixTraining } from '../../../examples/bi-rpt/mix.js';
import { CUT, densityOf, freshModel } from '../../../examples/bi-rpt/model.js';
import { beginPretraining, trainOnSource, type Pretraining } from '../../../examples/bi-rpt/pretrain.js';
import { pruned } from '../../../examples/bi-rpt/pruned.js';
import { handTune } from '../../../examples/bi-rpt/sparsity.js';
import { variant, type Method } from '../../../examples/lab/records.js';
import { contextOf, items, SMALL } from './context.js';

const values = (tree: unknown) => leaves(tree).map((x) => [...x.readSync()]);
const test = items(6, 9);
/** What a method predicts of six alloys after a short training. */
async function trained<C extends object>(method: Method<unknown, C>, changes: Partial<C> = {}) {
  const { predict, density } = await method.train(contextOf({ network: SMALL }), { ...method.config, ...changes });
  return { said: (await predict(test)).map(([y]) => y!), density };
}

describe('the methods of Bi-RPT', () => {
  it('the rate falls to a tenth after each third of the epochs, or along a cosine', () => {
    const rates = Array.from({ length: 9 }, (_, epoch) =>
      decay(epoch, { epochs: 9, batch: 4, rate: 1, schedule: 'thirds' }),
    );
    assert.deepEqual(
      rates.map((r) => Math.round(1 / r)),
      [1, 1, 1, 10, 10, 10, 100, 100, 100],
    );
    assert.equal(decay(5, { epochs: 10, batch: 4, rate: 1, schedule: 'cosine' }).toFixed(9), '0.500000000');
  });

  it('no two methods say the same of what they do, and a variant names what differs', () => {
    for (const methods of BENCHES.map((bench) => bench.methods))
      assert.equal(new Set(methods.map(({ about }) => about)).size, methods.length);
    assert.equal(
      variant(biRpt, 'x', 'X', { gamma: 2e-3, fixed: 'ms' }).about,
      'as Bi-RPT, with gamma = 0.002, fixed = ms',
    );
  });

  it('masks stand on convolution weights only', () => {
    const { network } = contextOf({});
    assert.deepEqual(
      leaves(network.masks(freshModel(network, 0).weights)).map((m) => m.shape),
      [
        [16, 2, 3, 3],
        [32, 16, 3, 3],
        [64, 32, 3, 3],
      ],
    );
  });

  it('pre-training goes on from a kept state to the same weights bit for bit', async () => {
    const context = contextOf({ network: SMALL });
    const begin = beginPretraining(freshModel(context.network, 1));
    const kept: Pretraining[] = [];
    const straight = await trainOnSource(context, begin, 3, 7, (state) => kept.push(state));
    assert.deepEqual(
      kept.map(({ epoch }) => epoch),
      [1, 2],
    );
    assert.deepEqual(values(await trainOnSource(context, kept[0]!, 3, 7)), values(straight));
  });

  it('the density counts weights whose masks all are nonzero', async () => {
    const { network } = contextOf({});
    const masks = network.masks(freshModel(network, 0).weights);
    const all = [1, 1, 1];
    assert.deepEqual(await densityOf([masks, masks]), { overall: 1, layers: all, masks: [all, all] });
    assert.deepEqual(await densityOf([masks]), { overall: 1, layers: all });
    assert.equal(await densityOf([]), undefined);
  });

  it('Hand-Tune prunes a fifth of what is left in each round, on either side', async () => {
    for (const [sourceRounds, targetRounds] of [
      [1, 0],
      [0, 2],
      [1, 1],
    ] as const) {
      const { density } = await trained(handTune, { sourceRounds, targetRounds });
      const expected = 0.8 ** (sourceRounds + targetRounds);
      assert.ok(Math.abs(density!.overall - expected) < 0.01, `${density!.overall}, not ${expected}`);
    }
  });

  it('without rounds Hand-Tune is Pretrain-and-transfer, and rewinding changes what it learns', async () => {
    const transfer = METHODS.find(({ name }) => name === 'transfer')!;
    const { said } = await trained(handTune, { sourceRounds: 0, targetRounds: 0 });
    assert.deepEqual(said, (await trained(transfer)).said);
    const rounds = { sourceRounds: 0, targetRounds: 1 };
    assert.notDeepEqual(
      (await trained(handTune, { ...rounds, rewind: true })).said,
      (await trained(handTune, rounds)).said,
    );
  });

  it('Bi-RPT with fixed masks and exact gates is the control without masks', async () => {
    const control = METHODS.find(({ name }) => name === 'continued')!;
    const { said, density } = await trained(biRpt, { fixed: 'both', eps: CUT, epsFloor: CUT });
    assert.deepEqual(said, (await trained(control)).said);
    assert.equal(density!.overall, 1);
    assert.notDeepEqual(said, (await trained(biRpt)).said);
  });

  it('magnitude pruning with source steps is that control where it prunes nothing, and keeps its mask', async () => {
    const { said } = await trained(pruned, { sourceRounds: 0 });
    assert.deepEqual(said, (await trained(continued)).said);
    const { density, said: after } = await trained(pruned, { sourceRounds: 2 });
    assert.ok(Math.abs(density!.overall - 0.64) < 0.01, `${density!.overall}, not 0.64`);
    assert.notDeepEqual(after, said);
  });

  it('every setting of Bi-RPT and of Mix Training changes what is learned', async () => {
    const base = { maskRate: 30, gamma: 1e-2, lowerRate: 1e-2 };
    const { said } = await trained(biRpt, base);
    const changes: Partial<typeof biRpt.config>[] = [
      { trust: 0.1 },
      { lowerSteps: 2 },
      { lowerRate: 1e-1 },
      { maskRate: 3 },
      { gamma: 1e-1 },
      { eps: 0.05 },
      { epsDecay: 0.5 },
      { epsFloor: 0.1 },
      { metric: 'separate' },
      { order: 'gaussSeidel' },
      { mode: 'firstOrder' },
      { normalise: true },
      { fixed: 'ms' },
      { fixed: 'mt' },
    ];
    for (const change of changes)
      assert.notDeepEqual((await trained(biRpt, { ...base, ...change })).said, said, JSON.stringify(change));
    assert.notDeepEqual((await trained(mixTraining, { weight: 5 })).said, (await trained(mixTraining)).said);
  });

  it('methods have names of their own, say what they do, and a variant changes what it names alone', () => {
    assert.equal(new Set(METHODS.flatMap(({ name, title }) => [name, title])).size, 2 * METHODS.length);
    assert.ok(METHODS.every(({ about }) => about.length > 10));
    const other = variant(biRpt, 'other', 'Other', { gamma: 7 });
    assert.deepEqual(other.config, { ...biRpt.config, gamma: 7 });
  });
});

import assert from 'node:assert/strict';
import { randomKey, randomNormal, resize, treeSize, type Tensor } from 'bigrad';
import { CUT } from '../../../examples/bi-rpt/model.js';
import { DIGITS } from '../../../examples/digits/bench.js';
import { corrupted, CORRUPTIONS } from '../../../examples/digits/corruptions.js';
import { sourceDigits, targetDigits } from '../../../examples/digits/digit.js';
import { digitNetwork, networkNamed, resNet18 } from '../../../examples/digits/network.js';
import type { Network } from '../../../examples/lab/network.js';
import { seeded } from '../../../examples/x-yield/random.js';

describe('the digits testbed', () => {
  const target = targetDigits();

  it('has 250 images of each of five target classes, with grey values from 0 to 255', () => {
    for (const label of [0, 1, 2, 3, 4]) assert.equal(target.filter((d) => d.label === label).length, 250);
    for (const { pixels } of target) {
      assert.equal(pixels.length, 196);
      assert.ok(pixels.every((x) => Number.isInteger(x) && x >= 0 && x <= 255));
    }
  });

  it('takes so many shots of each class, other ones with each seed, and tests on the others', () => {
    const protocol = DIGITS[0]!.protocols.find(({ name }) => name === 'shots-5')!;
    const [first, second] = [...take(protocol.splits(target), 2)];
    for (const { train, test } of [first!, second!]) {
      for (const label of [0, 1, 2, 3, 4]) assert.equal(train.filter((d) => d.label === label).length, 5);
      assert.equal(train.length + test.length, target.length);
      assert.ok(test.every((d) => !train.includes(d)));
    }
    assert.notDeepEqual(first!.train, second!.train);
  });

  it('draws the same source for the same seed; corrupted, about a quarter of its labels are wrong', () => {
    const [clean, noisy] = [sourceDigits(2000, 3, false), sourceDigits(2000, 3, true)];
    assert.deepEqual(sourceDigits(2000, 3, true), noisy);
    const wrong = noisy.filter(({ label }, i) => label !== clean[i]!.label).length / 2000;
    assert.ok(wrong > 0.2 && wrong < 0.28, `${wrong}`); // 0.3 drawn anew, a fifth of them right
    const same = noisy.filter(({ pixels }, i) => pixels.every((x, k) => x === clean[i]!.pixels[k])).length / 2000;
    assert.ok(same < 0.02, `${same}`);
  });

  it('every corruption keeps size and range, and changes a digit', () => {
    const { pixels } = target[0]!;
    for (const [name, corrupt] of Object.entries(CORRUPTIONS)) {
      const after = corrupt(pixels, seeded(5));
      assert.ok(after.length === 196 && after.every((x) => Number.isInteger(x) && x >= 0 && x <= 255), name);
      assert.notDeepEqual(after, pixels, name);
    }
    assert.deepEqual(CORRUPTIONS['inversion']!(CORRUPTIONS['inversion']!(pixels, seeded(1)), seeded(1)), pixels);
    assert.notDeepEqual(corrupted(pixels, seeded(1)), pixels);
  });

  it('refuses a file of data, for its digits come with a package', () => {
    assert.throws(
      () => DIGITS[0]!.open({ data: 'x.csv', layout: 'rptr' }),
      /--data: expected no file with the testbed digits, found x\.csv/,
    );
  });

  it('its network gives an output for each class, and masks for its eight convolutions', () => {
    const network = digitNetwork(5);
    const weights = network.init(randomKey(0));
    const [y] = network.apply(
      { trunk: weights.trunk, head: weights.target },
      [network.masks(weights)],
      0.1,
      randomNormal(randomKey(1), [3, 1, 14, 14]),
      network.statistics(weights),
    );
    assert.deepEqual(y.shape, [3, 5]);
    // 3 x 3 convolutions of three blocks, and three shortcuts of 1 x 1
    const convolutions = 9 * (8 + 8 * 8 + 8 * 16 + 16 * 16 + 16 * 32 + 32 * 32) + (8 + 8 * 16 + 16 * 32);
    assert.equal(treeSize(network.masks(weights)), convolutions);
  });

  it('ResNet-18 for ten classes has the 11,173,962 parameters of the usual one, and resizes to 32 x 32', () => {
    const { trunk, target: head } = resNet18(10).init(randomKey(0));
    assert.equal(treeSize(trunk) + treeSize(head), 11_173_962);
    const of = (network: Network, x: Tensor) => [
      ...network
        .apply({ trunk, head }, [], CUT, x, network.statistics({ trunk, source: head, target: head }), false)[0]
        .readSync(),
    ];
    const digit = randomNormal(randomKey(1), [1, 3, 14, 14]);
    const resized = of(resNet18(10), resize(digit, 32, { method: 'linear' }));
    assert.equal(resized.length, 10);
    assert.deepEqual(of(networkNamed('resnet-18', [3, 14, 14])(10), digit), resized);
  });
});

/** The first n of a sequence. */
function* take<T>(sequence: Iterable<T>, n: number): Generator<T> {
  for (const x of sequence) {
    if (n-- <= 0) return;
    yield x;
  }
}

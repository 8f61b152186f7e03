import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arrange, arrangeShared, type Layout, type Lifetime } from '../../../../src/backends/cpu/plan/arena.js';

const lifetime: fc.Arbitrary<Lifetime> = fc
  .tuple(fc.nat(300), fc.integer({ min: -1, max: 12 }), fc.oneof(fc.nat(6), fc.constant(Infinity)))
  .map(([words, first, length]) => ({ bytes: 4 * words, first, last: first + length }));
const lives = fc.array(lifetime, { maxLength: 30 });

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;
const together = (a: Lifetime, b: Lifetime): boolean => a.first <= b.last && b.first <= a.last;

function assertApart(
  all: readonly Lifetime[],
  { offsets, bytes }: Layout,
  excused: (i: number, j: number) => boolean,
): void {
  all.forEach((a, i) => {
    assert.ok(a.bytes === 0 || offsets[i]! + a.bytes <= bytes);
    all.slice(0, i).forEach((b, j) => {
      if (!together(a, b) || a.bytes === 0 || b.bytes === 0 || excused(i, j)) return;
      const apart = offsets[i]! + a.bytes <= offsets[j]! || offsets[j]! + b.bytes <= offsets[i]!;
      assert.ok(apart, `${i} at ${offsets[i]} and ${j} at ${offsets[j]}`);
    });
  });
}

describe('the arena', () => {
  it('holds buffers that are alive at the same time apart', () => {
    fc.assert(
      fc.property(lives, (all) => {
        assertApart(all, arrange(all), () => false);
      }),
    );
  });

  it('puts buffers that share a place at it, and keeps it for them from the first of them to the last', () => {
    const shared = lives.chain((all) =>
      fc.tuple(fc.constant(all), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 })),
    );
    fc.assert(
      fc.property(shared, ([all, drawn]) => {
        const place = [...all.keys()];
        const pairs: [number, number][] = [];
        for (const [a, b] of drawn) {
          const [guest, at] = [a % all.length, b % all.length];
          if (all.length === 0 || guest === at || pairs.flat().includes(guest)) continue;
          pairs.push([guest, at]);
          place[guest] = place[at]!;
        }
        const layout = arrangeShared(all, pairs);
        for (const [guest, at] of pairs) assert.equal(layout.offsets[guest], layout.offsets[at]);
        // A place is taken from when the first of its buffers is written to when the last is read.
        const taken = all.map((life, i) => {
          const here = all.filter((_, j) => place[j] === place[i]);
          return {
            bytes: life.bytes,
            first: Math.min(...here.map((l) => l.first)),
            last: Math.max(...here.map((l) => l.last)),
          };
        });
        assertApart(taken, layout, (i, j) => place[i] === place[j]);
      }),
    );
  });

  it('puts each on a cache line, inside of its bytes', () => {
    fc.assert(
      fc.property(lives, (all) => {
        const { offsets, bytes } = arrange(all);
        offsets.forEach((at, i) => {
          assert.ok(at >= 0 && at % 64 === 0 && at + all[i]!.bytes <= Math.max(bytes, at));
        });
      }),
    );
  });

  it('takes no less than what is alive at once, and no more than all buffers one after another', () => {
    fc.assert(
      fc.property(lives, (all) => {
        const { bytes } = arrange(all);
        const sum = (some: readonly Lifetime[]) => some.reduce((n, { bytes: b }) => n + b, 0);
        assert.ok(bytes <= all.reduce((n, { bytes: b }) => n + aligned(b), 0));
        for (const { first } of all)
          assert.ok(bytes >= sum(all.filter((life) => life.first <= first && first <= life.last)));
      }),
    );
  });

  it('uses the memory of a buffer again once it is dead', () => {
    const chain = Array.from({ length: 100 }, (_, i) => ({ bytes: 640, first: i, last: i + 1 }));
    assert.equal(arrange(chain).bytes, 2 * 640);
  });
});

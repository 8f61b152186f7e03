import { rootOf, type Flow, type Group } from './flow.js';
import type { Kept, Mixing } from './mixing.js';

/** Whether a constant channel that goes needs another one to stand for it. */
const needsStand = ({ padded }: Mixing, value: number): boolean => padded && value !== 0;

/**
 * The constant channel that can stand for all others in the layers with padding that read a group:
 * the one that is furthest from 0 in all of them.
 */
function standOf(readers: readonly (Mixing & { readonly from: Flow })[], size: number): number | undefined {
  const padded = readers.filter((r) => r.padded);
  let [best, stand]: [number, number | undefined] = [0, undefined];
  if (padded.length === 0) return undefined;
  for (let c = 0; c < size; c++) {
    const least = Math.min(...padded.map(({ from }) => Math.abs(from.constants[c]!) || 0));
    if (least > best) [best, stand] = [least, c];
  }
  return stand;
}

/**
 * What each group keeps: the channels that reach what is whole by weights that are not 0. Constant
 * ones need not, where the next layer can take them into its bias, or into the channel that stands
 * for them. At least one channel is kept.
 */
export function decide(mixings: readonly Mixing[]): (group: Group) => Kept {
  const groups = new Set(mixings.flatMap(({ from, to }) => [...(from ? [rootOf(from.group)] : []), rootOf(to)]));
  const readersOf = (group: Group) =>
    mixings.filter((m): m is Mixing & { from: Flow } => m.from !== undefined && rootOf(m.from.group) === group);
  const stands = new Map([...groups].map((g) => [g, standOf(readersOf(g), g.size)]));
  const needed = new Map([...groups].map((g) => [g, new Uint8Array(g.size).fill(g.whole === undefined ? 0 : 1)]));
  // The least set that holds for all layers: a block that reads nothing but itself is not in it.
  for (let before = -1, now = 0; before !== now;) {
    before = now;
    now = 0;
    for (const mixing of [...mixings].reverse()) {
      const { from, to, inputs, reads } = mixing;
      if (!from) continue;
      const group = rootOf(from.group);
      const [here, rows] = [needed.get(group)!, needed.get(rootOf(to))!];
      for (let c = 0; c < inputs; c++) {
        if (here[c] || !rows.some((row, o) => row && reads[o * inputs + c])) continue;
        const value = from.constants[c]!;
        if (value !== value) here[c] = 1;
        else if (needsStand(mixing, value)) here[stands.get(group) ?? c] = 1;
      }
    }
    for (const marks of needed.values()) now += marks.reduce((n, v) => n + v, 0);
  }
  const kept = new Map(
    [...needed].map(([group, marks]): [Group, Kept] => {
      const channels = [...marks.keys()].filter((c) => marks[c]);
      return [group, { channels: channels.length > 0 ? channels : [0], stand: stands.get(group) }];
    }),
  );
  return (group) =>
    kept.get(rootOf(group)) ?? { channels: Array.from({ length: group.size }, (_, c) => c), stand: undefined };
}

import { flattenTree, fromTypedArray, mapTree, type Backend } from 'bigrad';

/** A copy on a device of a tree in main memory, which stays as it is when the copy is used up. */
export const copyTo = <T>(tree: T, device: Backend): T =>
  mapTree((x) => fromTypedArray(x.readSync(), x.shape, { device }), tree);

/** A copy in main memory of a tree on any device. */
export async function toMainMemory<T>(tree: T): Promise<T> {
  const { leaves, rebuild } = flattenTree(tree);
  const data = await Promise.all(leaves.map((x) => x.read()));
  return rebuild(leaves.map((x, i) => fromTypedArray(data[i]!, x.shape)));
}

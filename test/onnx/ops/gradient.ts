import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import type { Structure, Value } from '../node.js';

/**
 * Derivatives of the sum of y by all xs: the nodes before give y once more, from the inputs in the
 * place of what xs and zs name.
 */
const gradient: Structure = (call, ...ins) => {
  const [xs, zs] = [call.texts('xs'), call.texts('zs')];
  const names = [...xs, ...zs];
  if (names.length !== ins.length) throw new TypeError(`expected ${names.length} inputs, got ${ins.length}`);
  const y = (given: readonly Tensor[]): Tensor => {
    const at = (i: number): Value => given[i] ?? ins[i];
    return b.sum(call.again(call.text('y', ''), Object.fromEntries(names.map((name, i) => [name, at(i)]))) as Tensor);
  };
  return b.grad(y)(ins.slice(0, xs.length) as Tensor[]);
};

/** Reverse mode as a node: `grad`. */
export const derivatives: Readonly<Record<string, Structure>> = { Gradient: gradient };

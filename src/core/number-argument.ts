import { sharing } from './storage.js';
import { Tensor } from './tensor.js';
import { kindOf } from './words.js';

// While `compile` traces a function, tensors stand for the numbers among its arguments. An op takes
// them as tensors. A tree has them as numbers: leaves that pass through, and get no gradient.

const standsForNumber = (x: Tensor): boolean => x.device.isNumber?.(x) === true;

/** Whether x stands for a number among the arguments of a compiled function. */
export const isNumberArgument = (x: unknown): x is Tensor => x instanceof Tensor && standsForNumber(x);

/** Whether a leaf of a tree counts as a tensor there. */
export const isTensorLeaf = (x: unknown): x is Tensor => x instanceof Tensor && !standsForNumber(x);

/** x as a tensor like others, also where it stands for a number. */
export const asTensor = (who: string, x: Tensor): Tensor => (isNumberArgument(x) ? sharing(who, x, null) : x);

/** `kindOf` for a leaf of a tree. */
export const kindOfLeaf = (x: unknown): string => (isNumberArgument(x) ? 'a number' : kindOf(x));

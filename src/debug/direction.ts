/** `value`, `pullback`, `pullback of the pullback`, and so on. */
export type Direction = 'value' | 'pullback' | `pullback of the ${string}`;

/** The order of a derivative in words. */
export const directionOf = (order: number): Direction =>
  order === 0 ? 'value' : order === 1 ? 'pullback' : `pullback of the ${directionOf(order - 1)}`;

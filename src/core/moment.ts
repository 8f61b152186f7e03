/**
 * A number that grows from call to call. It tells which of two nested transforms began later. It is
 * the one variable of a module in `core`; no result depends on its value, only on the order.
 */
export const moment = (): number => ++now;
let now = 0;

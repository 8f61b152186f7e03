/**
 * floor(dividend / by) for integers 0 <= dividend < 2^24 and by > 0: exact even where division is
 * only nearly so, as on GPUs.
 */
export function quotient(dividend: number, by: number): number {
  const guess = Math.floor(dividend / by);
  const rest = dividend - guess * by;
  if (rest < 0) return guess - 1;
  if (rest >= by) return guess + 1;
  return guess;
}

import assert from 'node:assert/strict';

/** Asserts that two numbers differ by no more than `tolerance`. */
export const near = (actual: number, expected: number, tolerance = 1e-9): void => {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
};

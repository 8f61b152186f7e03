/**
 * What looks into a run: where a NaN began.
 *
 * @module bigrad/debug
 */
export type { CallSite } from './call-site.js';
export type { Direction } from './direction.js';
export { findNaN, type FindNaNOptions } from './find-nan.js';
export type { NaNReport } from './nan-report.js';

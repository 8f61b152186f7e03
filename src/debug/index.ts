/**
 * What looks into a run: where a NaN began, which ops ran, and how long each step of a plan takes.
 *
 * @module bigrad/debug
 */
export type { CallSite } from './call-site.js';
export type { ChromeTrace, TraceEvent } from './chrome-trace.js';
export type { Direction } from './direction.js';
export { findNaN, type FindNaNOptions } from './find-nan.js';
export type { NaNReport } from './nan-report.js';
export { graph, type Graph } from './graph.js';
export { profile, type ProfileOptions } from './profile.js';
export type { Profile, ProfiledStep } from './profiled.js';
export type { DrawOptions, GraphOp, GraphResult, GraphValue, Recorded } from './recorded.js';

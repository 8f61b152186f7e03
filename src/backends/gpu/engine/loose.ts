/**
 * A value of GPU.js or WebGPU, whose types are looser and, here and there, narrower than what they
 * do; only the files that call them say it.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Any = any;

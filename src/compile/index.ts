export { compile, type Compiled, type CompileOptions } from './compile.js';
export { replay } from './replay.js';
export { simplify } from './simplify.js';
export { startTrace } from './trace.js';

export { compile, type Compiled, type CompileOptions } from './compile.js';
export { simplify } from './simplify.js';
export { startTrace } from './trace.js';

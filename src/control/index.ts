export { cond } from './cond.js';
export { scan, type ScanOptions, type Stepped } from './scan.js';
export { whileLoop, type WhileLoopOptions } from './while-loop.js';

// The entry of the AssemblyScript build: every kernel, by the name under which TypeScript finds it.
export { binary, ternary, unary } from './elementwise';
export { gemm, gemmScratch } from './gemm';
export { normalize, normalizeGrad } from './normalize';
export { adam, sgd } from './optimizers';
export { cropImages, offsets, padImages } from './patches';
export { maxPool, poolGather, poolScatter } from './pool';
export { softmax, sumAround, sumBetween } from './reduce';

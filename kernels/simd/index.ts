// The entry of the AssemblyScript build: every kernel, by the name under which TypeScript finds it.
export { adamStep } from './adam';
export { gemm, gemmScratch } from './gemm';
export * from './generated/elementwise';
export { normalize, normalizeGrad } from './normalize';
export { cropImages, offsets, padImages } from './patches';
export { maxPool, poolGather, poolScatter } from './pool';
export { softmax, sumAround, sumBetween } from './reduce';
// What is exported is not inlined: in the midst of another function the loops of tiles would not
// get all registers.
export { tile3, tile4, tile5, tile6 } from './tile';

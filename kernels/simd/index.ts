// The entry of the AssemblyScript build: every kernel, by the name under which TypeScript finds it.
export { gemm, gemmScratch } from './gemm';
export { cropImages, offsets, padImages, scatterAdd } from './patches';

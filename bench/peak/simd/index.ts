// The entry of the AssemblyScript build: what this machine can do at best.
export { gemm } from './gemm';
export { triad } from './triad';

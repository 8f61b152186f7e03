/** What the machine's best kernel reached right after a case, in GFLOP/s or GB/s. */
export type Best =
  | {
      readonly kernel: 'gemm';
      readonly gflops: number;
      /** Of the whole product, padding included. */ readonly ms: number;
    }
  | { readonly kernel: 'triad'; readonly memory: number; readonly sameSize: number };

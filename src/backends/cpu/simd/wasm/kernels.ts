/** The address of a byte in WebAssembly memory. */
export type Pointer = number;

/**
 * What kernels/simd exports; see there for what each does. Pointers are byte addresses, steps and
 * pitches bytes, counts elements.
 */
export interface SimdKernels {
  gemm(
    a: Pointer, aRow: Pointer, aCol: Pointer, b: Pointer, bRow: Pointer, bCol: Pointer, c: Pointer, cRow: Pointer, cCol: Pointer,
    m: number, n: number, k: number, accumulate: boolean, rowBias: Pointer, colBias: Pointer, scratch: Pointer,
  ): void; // prettier-ignore
  gemmScratch(): number;
  offsets(to: Pointer, d0: number, s0: number, d1: number, s1: number, d2: number, s2: number): void;
  padImages(x: Pointer, to: Pointer, planes: number, h: number, w: number, top: number, left: number, ph: number, pw: number): void; // prettier-ignore
  cropImages(from: Pointer, x: Pointer, planes: number, h: number, w: number, top: number, left: number, ph: number, pw: number): void; // prettier-ignore
  unary(
    op: number,
    out: Pointer,
    x: Pointer,
    x0: number,
    x1: number,
    x2: number,
    d0: number,
    d1: number,
    n: number,
  ): void;
  binary(
    op: number, out: Pointer, x: Pointer, x0: number, x1: number, x2: number, y: Pointer, y0: number, y1: number, y2: number,
    d0: number, d1: number, n: number,
  ): void; // prettier-ignore
  ternary(
    op: number, out: Pointer, x: Pointer, x0: number, x1: number, x2: number, y: Pointer, y0: number, y1: number, y2: number,
    z: Pointer, z0: number, z1: number, z2: number, d0: number, d1: number, n: number,
  ): void; // prettier-ignore
  sumAround(x: Pointer, out: Pointer, a: number, c: number, b: number): void;
  sumBetween(x: Pointer, out: Pointer, a: number, c: number, b: number): void;
  softmax(x: Pointer, out: Pointer, rows: number, n: number): void;
  normalize(
    x: Pointer,
    y: Pointer,
    mean: Pointer,
    variance: Pointer,
    a: number,
    c: number,
    b: number,
    eps: number,
  ): void;
  normalizeGrad(g: Pointer, y: Pointer, r: Pointer, dx: Pointer, a: number, c: number, b: number): void;
  maxPool(
    x: Pointer, y: Pointer, index: Pointer, planes: number, h: number, w: number, p: number, q: number,
    sizeY: number, sizeX: number, strideY: number, strideX: number, top: number, left: number,
  ): void; // prettier-ignore
  poolGather(x: Pointer, index: Pointer, y: Pointer, planes: number, inner: number, outer: number): void;
  poolScatter(y: Pointer, index: Pointer, x: Pointer, planes: number, inner: number, outer: number): void;
  adamStep(
    p: Pointer, g: Pointer, m: Pointer, v: Pointer, rate: Pointer, c1: Pointer, c2: Pointer, p1: Pointer, m1: Pointer, v1: Pointer,
    n: number, beta1: number, rest1: number, beta2: number, rest2: number, eps: number, epsRoot: number,
  ): void; // prettier-ignore
}

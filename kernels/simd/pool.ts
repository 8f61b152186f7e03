/** The largest element of each window of planes [h,w] and where in its plane it was found; NaN wins, then the first of ties. */
// prettier-ignore
export function maxPool(x: usize, y: usize, index: usize, planes: i32, h: i32, w: i32, p: i32, q: i32, sizeY: i32, sizeX: i32, strideY: i32, strideX: i32, top: i32, left: i32): void {
  for (let plane = 0; plane < planes; ++plane, x += <usize>(h * w) << 2)
    for (let u = 0; u < p; ++u) {
      const i0 = max(0, u * strideY - top), i1 = min(h, u * strideY - top + sizeY);
      for (let v = 0; v < q; ++v, y += 4, index += 4) {
        const j0 = max(0, v * strideX - left), j1 = min(w, v * strideX - left + sizeX);
        let best = i0 * w + j0;
        let value = load<f32>(x + (<usize>best << 2));
        for (let i = i0; i < i1; ++i)
          for (let j = j0; j < j1; ++j) {
            const candidate = load<f32>(x + (<usize>(i * w + j) << 2));
            if (candidate > value || (candidate != candidate && value == value)) {
              value = candidate;
              best = i * w + j;
            }
          }
        store<f32>(y, value);
        store<i32>(index, best);
      }
    }
}

/** y[plane, i] = x[plane, index[plane, i]], planes of `inner` elements of x and `outer` of y. */
export function poolGather(x: usize, index: usize, y: usize, planes: i32, inner: i32, outer: i32): void {
  for (let plane = 0; plane < planes; ++plane, x += (<usize>inner) << 2)
    for (let i = 0; i < outer; ++i, y += 4, index += 4) store<f32>(y, load<f32>(x + ((<usize>load<i32>(index)) << 2)));
}

/** x = 0, then x[plane, index[plane, i]] += y[plane, i]: the adjoint of `poolGather`. */
export function poolScatter(y: usize, index: usize, x: usize, planes: i32, inner: i32, outer: i32): void {
  memory.fill(x, 0, <usize>planes * ((<usize>inner) << 2));
  for (let plane = 0; plane < planes; ++plane, x += (<usize>inner) << 2)
    for (let i = 0; i < outer; ++i, y += 4, index += 4) {
      const at = x + ((<usize>load<i32>(index)) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(y));
    }
}

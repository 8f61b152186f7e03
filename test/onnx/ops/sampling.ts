import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import type { Call, Expression } from '../node.js';

const { add, mul, sub } = b;

/** The place of a coordinate in -1 .. 1 along an axis of pixels. */
const placeOf = (call: Call, x: Tensor, length: number): Tensor =>
  call.int('align_corners', 0) ? mul(add(x, 1), (length - 1) / 2) : sub(mul(add(x, 1), length / 2), 0.5);

/** A place once more where it is outside: mirrored at the corners, or at the edges, of pixels. */
function reflected(call: Call, x: Tensor, length: number): Tensor {
  const [low, high] = call.int('align_corners', 0) ? [0, length - 1] : [-0.5, length - 0.5];
  const span = high - low;
  if (span === 0) return b.zerosLike(x);
  const turn = b.mod(sub(x, low), 2 * span);
  return add(b.where(b.greater(turn, span), sub(2 * span, turn), turn), low);
}

/** How a place outside of the image is mended. */
function mended(call: Call, x: Tensor, length: number): Tensor {
  const mode = call.text('padding_mode', 'zeros');
  if (mode === 'zeros') return x;
  return b.clamp(mode === 'reflection' ? reflected(call, x, length) : x, 0, length - 1);
}

/** Neighbours of places along one axis: how far on they are, and their weights. */
function neighbours(call: Call, x: Tensor): { at: Tensor; weight: Tensor | number }[] {
  const mode = call.text('mode', 'bilinear');
  if (mode === 'nearest') return [{ at: b.round(x), weight: 1 }];
  const low = b.floor(x);
  const t = sub(x, low);
  const at = (k: number): Tensor => add(low, k);
  if (mode === 'bilinear')
    return [
      { at: low, weight: sub(1, t) },
      { at: at(1), weight: t },
    ];
  const a = -0.75;
  const near = (d: Tensor): Tensor => add(mul(sub(mul(d, a + 2), a + 3), mul(d, d)), 1);
  const far = (d: Tensor): Tensor => sub(mul(add(mul(sub(mul(d, a), 5 * a), d), 8 * a), d), 4 * a);
  return [
    { at: at(-1), weight: far(add(t, 1)) },
    { at: low, weight: near(t) },
    { at: at(1), weight: near(sub(1, t)) },
    { at: at(2), weight: far(sub(2, t)) },
  ];
}

/** x [n,c,h,w] at places [n,p,q,2], of which the first is along w. */
function gridSample(call: Call, x: Tensor, grid: Tensor): Tensor {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [, p, q] = grid.shape as [number, number, number, number];
  const [gx, gy] = b.split(grid, 2, -1).map((g) => b.reshape(g, [n, p, q])) as [Tensor, Tensor];
  // Cubic neighbours are mended one by one, and others by the place itself.
  const cubic = call.text('mode', 'bilinear') === 'bicubic';
  const place = (g: Tensor, length: number): Tensor => {
    const raw = placeOf(call, g, length);
    return cubic ? raw : mended(call, raw, length);
  };
  const flat = b.reshape(x, [n, c, h * w]);
  const inside = (at: Tensor, length: number): Tensor => mul(b.greaterEqual(at, 0), b.lessEqual(at, length - 1));
  let total: Tensor | undefined;
  for (const row of neighbours(call, place(gy, h)))
    for (const column of neighbours(call, place(gx, w))) {
      const [y, z] = [mended(call, row.at, h), mended(call, column.at, w)];
      const index = b.cast(add(mul(b.clamp(y, 0, h - 1), w), b.clamp(z, 0, w - 1)), 'int32');
      const spread = b.broadcastTo(b.reshape(index, [n, 1, p * q]), [n, c, p * q]);
      const there = mul(inside(y, h), inside(z, w));
      const weight = mul(mul(there, row.weight), column.weight);
      const term = mul(b.reshape(b.takeAlong(flat, spread, 2), [n, c, p, q]), b.reshape(weight, [n, 1, p, q]));
      total = total ? add(total, term) : term;
    }
  return total!;
}

/** Operators that read between pixels. */
export const sampling: Readonly<Record<string, Expression>> = {
  GridSample: (call, x, grid) => gridSample(call, x, grid),
};

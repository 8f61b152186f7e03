import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { numbersOf, type Call, type Expression } from '../node.js';

/** Corners of boxes [n, 4], each [n]: the smaller ones along both axes, then the larger ones. */
function corners(call: Call, boxes: Tensor): [Tensor, Tensor, Tensor, Tensor] {
  const [p, q, r, s] = b.split(boxes, 4, 1).map((t) => b.squeeze(t, 1)) as [Tensor, Tensor, Tensor, Tensor];
  if (call.int('center_point_box', 0) === 0)
    return [b.minimum(p, r), b.minimum(q, s), b.maximum(p, r), b.maximum(q, s)];
  const [w, h] = [b.mul(b.abs(r), 0.5), b.mul(b.abs(s), 0.5)];
  return [b.sub(p, w), b.sub(q, h), b.add(p, w), b.add(q, h)];
}

/** By pairs of boxes: the area that they share, as a part of the area that they cover. */
function overlaps(call: Call, boxes: Tensor): Tensor {
  const [x1, y1, x2, y2] = corners(call, boxes);
  const n = boxes.shape[0]!;
  const column = (t: Tensor): Tensor => b.reshape(t, [n, 1]);
  const common = (from: Tensor, to: Tensor): Tensor =>
    b.relu(b.sub(b.minimum(column(to), to), b.maximum(column(from), from)));
  const shared = b.mul(common(x1, x2), common(y1, y2));
  const area = b.mul(b.sub(x2, x1), b.sub(y2, y1));
  return b.div(shared, b.sub(b.add(column(area), area), shared));
}

/**
 * Which of the boxes stay, best score first: those that overlap no better one that stayed. A `scan`
 * carries what stayed.
 */
function stayed(near: Tensor, scores: Tensor, most: number, limit: number | undefined): Tensor {
  const order = b.argsort(b.neg(scores));
  const n = order.shape[0]!;
  const good = limit === undefined ? b.onesLike(scores) : b.greaterEqual(scores, limit);
  const step = (kept: Tensor, at: Tensor): [Tensor, Tensor] => {
    const free = b.equal(b.sum(b.mul(kept, b.take(near, at, 0))), 0);
    const room = b.less(b.sum(kept), most);
    const stays = b.cast(b.mul(b.mul(free, room), b.take(good, at, 0)), 'float32');
    return [b.add(kept, b.mul(stays, b.oneHot(at, n))), stays];
  };
  const [, stays] = b.scan(step, b.zeros([n]), order);
  return b.take(order, b.where(stays)[0]!, 0);
}

/** Rows [batch, class, box] of the boxes that stay. */
function nonMaxSuppression(call: Call, boxes: Tensor, scores: Tensor, most?: Tensor): Tensor {
  const limitOf = (at: number): number | undefined => (call.ins[at] ? numbersOf(call.ins[at])[0] : undefined);
  const [batches, classes, n] = scores.shape as [number, number, number];
  const rows = Array.from({ length: batches * classes }, (_, k) => {
    const [batch, own] = [Math.floor(k / classes), k % classes];
    const near = b.greater(overlaps(call, b.at(boxes, [batch])), limitOf(3) ?? 0);
    const kept = stayed(near, b.at(scores, [batch, own]), most ? numbersOf(most)[0]! : 0, limitOf(4));
    const same = (v: number): Tensor => b.full(kept.shape, v, { dtype: 'int32' });
    return b.stack([same(batch), same(own), kept], 1);
  });
  return n === 0 ? b.zeros([0, 3], { dtype: 'int32' }) : b.concat(rows);
}

/** Operators that choose boxes. */
export const boxes: Readonly<Record<string, Expression>> = {
  NonMaxSuppression: (call, x, scores, most) => nonMaxSuppression(call, x, scores, most),
};

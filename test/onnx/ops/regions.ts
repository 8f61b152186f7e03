import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { NotExpressible, numbersOf, type Call, type Expression } from '../node.js';

/** Where a region begins and ends along an axis of pixels, as scalars. */
type Side = readonly [Tensor, Tensor];

/**
 * Weights [count, length] of pixels in the mean of each of `count` parts of a side. A part has some
 * points, and a point is between two pixels; one that is further than a pixel outside has none.
 */
function weights(call: Call, [from, to]: Side, count: number, length: number): Tensor {
  const ratio = call.int('sampling_ratio', 0);
  const span = b.sub(to, from);
  const points = ratio > 0 ? ratio : Math.max(1, Math.ceil(numbersOf(span)[0]! / count));
  const steps = b.div(b.add(b.arange(count * points, { dtype: from.dtype }), 0.5), count * points);
  const at = b.reshape(b.add(from, b.mul(steps, span)), [count * points, 1]);
  const inside = b.mul(b.greaterEqual(at, -1), b.lessEqual(at, length));
  const near = b.relu(b.sub(1, b.abs(b.sub(b.clamp(at, 0, length - 1), b.arange(length, { dtype: from.dtype })))));
  return b.mean(b.reshape(b.mul(near, inside), [count, points, length]), 1);
}

/** Means of parts of one region [x1, y1, x2, y2] of an image [c, h, w], as two products. */
function pooled(call: Call, image: Tensor, region: Tensor): Tensor {
  // Before version 16 the first pixel has its centre at 0.
  const shifted = call.opset >= 16 && call.text('coordinate_transformation_mode', 'half_pixel') === 'half_pixel';
  const [x1, y1, x2, y2] = b
    .split(b.sub(b.mul(region, call.float('spatial_scale', 1)), shifted ? 0.5 : 0), 4)
    .map((t) => b.reshape(t, [])) as [Tensor, Tensor, Tensor, Tensor];
  const side = (from: Tensor, to: Tensor): Side => [from, shifted ? to : b.maximum(to, b.add(from, 1))];
  const [, h, w] = image.shape as [number, number, number];
  const rows = weights(call, side(y1, y2), call.int('output_height', 1), h);
  const columns = weights(call, side(x1, x2), call.int('output_width', 1), w);
  return b.matmul(b.matmul(rows, image), b.transpose(columns));
}

function roiAlign(call: Call, x: Tensor, regions: Tensor, images: Tensor): Tensor {
  if (call.text('mode', 'avg') !== 'avg') throw new NotExpressible('maxima over regions, which have two definitions');
  const one = (image: number, i: number): Tensor => pooled(call, b.at(x, [image]), b.at(regions, [i]));
  return b.stack(numbersOf(images).map(one));
}

/** Operators on regions of images. */
export const regions: Readonly<Record<string, Expression>> = {
  RoiAlign: (call, x, rois, images) => roiAlign(call, x, rois, images),
};

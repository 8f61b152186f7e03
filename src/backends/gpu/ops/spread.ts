import type { Shape } from '../../../core/shape.js';
import { stridedView } from '../../../core/view.js';
import type { Launcher } from '../engine/launcher.js';
import type { Window } from '../engine/memory.js';

/** A window whose axes of length 1 repeat to fill `shape`. */
export const spread = (gpu: Launcher, x: Window, shape: Shape): Window =>
  gpu.memory.window(
    x,
    stridedView(
      x.view,
      shape,
      shape.map((d, i) => (x.view.shape[i] === d ? x.view.stride[i]! : 0)),
      x.view.offset,
    ),
  );

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sizeOf, stridesOf } from '../../src/core/shape.js';
import {
  dense,
  denseCopy,
  emptyView,
  isContiguous,
  mergeAxes,
  offsetsOf,
  reductionOffsets,
  stridedView,
  viewOf,
} from '../../src/core/view.js';

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const layouts = shapes.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    stride: fc.array(fc.integer({ min: -3, max: 30 }), { minLength: shape.length, maxLength: shape.length }),
    offset: fc.integer({ min: 0, max: 5 }),
  }),
);

/** Every position of a shape, in row-major order. */
const positions = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>((all, d) => all.flatMap((p) => Array.from({ length: d }, (_, i) => [...p, i])), [[]]);
const at = (position: readonly number[], stride: readonly number[], offset: number): number =>
  position.reduce((sum, i, axis) => sum + i * stride[axis]!, offset);

describe('the offsets of a view', () => {
  it('are those of its positions in row-major order', () => {
    fc.assert(
      fc.property(layouts, ({ shape, stride, offset }) => {
        assert.deepEqual(
          [...offsetsOf(shape, stride, offset)],
          positions(shape).map((p) => at(p, stride, offset)),
        );
      }),
    );
    assert.deepEqual([...offsetsOf([2], [3])], [0, 3]);
  });

  it('are where a copy in row-major order finds its elements, in long runs too', () => {
    const long = fc.record({
      shape: fc.constant([2, 3, 40, 2]),
      stride: fc.constantFrom([80, 160, 2, 1], [240, 80, 2, 1], [240, 80, 1, 40]),
      offset: fc.constantFrom(0, 5),
    });
    fc.assert(
      fc.property(fc.oneof(layouts, long), ({ shape, stride, offset }) => {
        const low = shape.reduce((sum, d, axis) => sum + Math.min(0, (d - 1) * stride[axis]!), 0);
        const view = stridedView(
          viewOf(
            Float32Array.from({ length: 600 }, (_, i) => i),
            [600],
          ),
          shape,
          stride,
          offset - low,
        );
        const out = new Float32Array(sizeOf(shape) + 2).fill(-1);
        if (sizeOf(shape) > 0) denseCopy(view)(out, 1);
        const elements = [...offsetsOf(shape, stride, offset - low)];
        assert.deepEqual([...out], [-1, ...elements, -1]);
      }),
    );
  });

  it('along axes that stay and axes that go add up to those of its positions', () => {
    fc.assert(
      fc.property(layouts, fc.infiniteStream(fc.boolean()), ({ shape, stride, offset }, flips) => {
        const gone = shape.map((_, axis) => axis).filter(() => flips.next().value as boolean);
        const { kept, reduced } = reductionOffsets(shape, stride, offset, gone);
        assert.equal(kept.length, sizeOf(shape.filter((_, axis) => !gone.includes(axis))));
        assert.equal(reduced.length, sizeOf(gone.map((axis) => shape[axis]!)));
        const ascending = (a: number, b: number) => a - b;
        const sums = [...kept].flatMap((k) => [...reduced].map((r) => k + r));
        assert.deepEqual(sums.sort(ascending), [...offsetsOf(shape, stride, offset)].sort(ascending));
      }),
    );
  });

  it('stay the same, and in their order, where axes are merged', () => {
    fc.assert(
      fc.property(layouts, ({ shape, stride }) => {
        const strides = [stride, stridesOf(shape)];
        const merged = mergeAxes(shape, strides);
        strides.forEach((s, k) => {
          assert.deepEqual([...offsetsOf(merged.shape, merged.strides[k]!)], [...offsetsOf(shape, s)]);
        });
      }),
    );
  });

  it('become one run where every operand is row-major, and no longer runs than its operands allow', () => {
    const rows = stridesOf([2, 3, 4]);
    assert.deepEqual(mergeAxes([2, 3, 4], [rows, rows]), { shape: [24], strides: [[1], [1]] });
    assert.deepEqual(mergeAxes([2, 1, 4], [[4, 7, 1]]), { shape: [8], strides: [[1]] });
    const turned = [12, 1, 3];
    assert.deepEqual(mergeAxes([2, 3, 4], [rows, turned]), { shape: [2, 3, 4], strides: [rows, turned] });
    const padded = [20, 4, 1];
    assert.deepEqual(mergeAxes([2, 3, 4], [rows, padded]), {
      shape: [2, 12],
      strides: [
        [12, 1],
        [20, 1],
      ],
    });
  });
});

describe('a view', () => {
  const data = Float32Array.from({ length: 500 }, (_, i) => i);

  it('is contiguous where its elements follow one another in row-major order, whatever the strides of axes of one element', () => {
    fc.assert(
      fc.property(layouts, ({ shape, stride, offset }) => {
        if (shape.includes(0)) return;
        const offsets = offsetsOf(shape, stride, offset);
        const follow = [...offsets].every((o, i) => o === offset + i);
        assert.equal(isContiguous(stridedView(viewOf(data, [500]), shape, stride, offset)), follow);
      }),
    );
    for (const shape of [[], [1], [5], [2, 3], [2, 1, 3]]) assert.ok(isContiguous(emptyView('float32', shape)));
    assert.ok(isContiguous(stridedView(viewOf(data, [500]), [2, 1, 3], [3, 17, 1], 4)));
  });

  it('gives its elements as one buffer: its own memory where that is contiguous, else a copy of the same kind', () => {
    fc.assert(
      fc.property(layouts, ({ shape, stride, offset }) => {
        const view = stridedView(viewOf(data, [500]), shape, stride, offset + 40);
        const buffer = dense(view);
        assert.ok(buffer instanceof Float32Array);
        assert.deepEqual(
          [...buffer],
          [...offsetsOf(shape, stride, offset + 40)].map((o) => data[o]),
        );
        if (buffer.length > 0) assert.equal(buffer.buffer === data.buffer, isContiguous(view));
      }),
    );
    assert.equal(dense(viewOf(data, [20, 25])), data);
    assert.equal(dense(stridedView(viewOf(data, [500]), [], [], 7))[0], 7);
    const turned = stridedView(viewOf(data, [500]), [2, 2, 2], [1, 2, 4], 0);
    assert.deepEqual([...dense(turned)], [0, 4, 2, 6, 1, 5, 3, 7]);
  });
});

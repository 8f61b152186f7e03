import assert from 'node:assert/strict';
import { compile } from 'bigrad';
import { batch, labels, start, steps, type Step } from '../../../support/state-steps.js';

describe('state that goes round through a compiled function', () => {
  it('is computed in its place, but where that would lose something', () => {
    const staying = (step: Step): number => {
      const [fresh, inPlace] = [compile(step), compile(step, { donate: [0] })];
      for (const f of [fresh, inPlace]) f(start(), batch(), labels());
      return fresh.stats!.buffers - inPlace.stats!.buffers;
    };
    assert.deepEqual(Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, staying(step)])), {
      'each from itself': 5,
      'by momentum': 2,
      'the one from the other': 1,
      'of another order': 1,
      'some as they came': 0,
      exchanged: 0,
      'one twice': 0,
      'one also transposed': 2,
      constants: 1,
      'windows on something larger': 0,
      'the front of something larger': 1,
      'turned round': 0,
      'a product': 1,
      'by a bias': 2,
      'one before products': 1,
      'with labels first': 2,
      'with labels last': 2,
      'numbers alone': 2,
    });
  });
});

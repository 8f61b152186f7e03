import assert from 'node:assert/strict';
import { reference } from 'bigrad';
import { parity } from 'bigrad/testing';
import { deviceFor, modes } from './devices.js';

describe('parity of the GPU device with the reference, over the whole op table', () => {
  for (const mode of modes)
    it(`gives the same values and first and second derivatives on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      assert.ok((await parity(reference, device)) > 500);
    });
});

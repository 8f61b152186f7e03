import assert from 'node:assert/strict';
import { checkDevice } from '../../src/core/device.js';

describe('a device', () => {
  const [run, upload] = [() => [], () => null];

  it('is an object that runs and uploads', () => {
    const device = { run, upload };
    assert.equal(checkDevice('f', device), device);
    const function_ = Object.assign(() => 1, device);
    for (const other of [undefined, null, 3, {}, { run }, { upload }, { run, upload: 1 }, function_])
      assert.throws(() => checkDevice('f', other), /^TypeError: f: expected a device such as cpu, got/);
  });

  it('can be read', () => {
    const locked = {
      get run(): never {
        throw new Error('locked');
      },
    };
    assert.throws(() => checkDevice('f', locked), /^TypeError: f: expected a device that can be read, got/);
  });
});

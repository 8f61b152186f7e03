import assert from 'node:assert/strict';
import { retell } from '../../src/core/retell.js';

describe('an error that is told again', () => {
  class Own extends RangeError {}

  it('is the same error, of the same class and cause, with another message and stack', () => {
    const cause = new Error('cause');
    const error = new Own('$& lost', { cause });
    retell(error, (message) => `net: ${message}`);
    assert.equal(error.message, 'net: $& lost');
    assert.ok(error instanceof Own && error.cause === cause);
    assert.match(error.stack!, /^RangeError: net: \$& lost\n +at /);
  });

  it('stays as it is where it cannot be written, or is no error', () => {
    const frozen = Object.freeze(new Error('cold'));
    retell(frozen, () => 'warm');
    assert.equal(frozen.message, 'cold');
    for (const thrown of ['text', null, { message: 'plain' }]) retell(thrown, () => assert.fail());
  });
});

import assert from 'node:assert/strict';
import { useBrowser } from './open.js';

describe('in a browser, a function compiled for threads', () => {
  const call = useBrowser();

  it('gives the bits of one thread, with workers that take part', async () => {
    const same = await call('threads');
    assert.ok(same.length > 0 && same.every(Boolean), String(same));
  });

  it('is refused on a page that may not share memory', async () => {
    assert.match(
      await call('refusal'),
      /compile: expected a cross-origin isolated page .* for threads, got one that is not/,
    );
  });
});

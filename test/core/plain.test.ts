import assert from 'node:assert/strict';
import { isList, isPlain } from '../../src/core/plain.js';

const revoked = (target: object): unknown => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};

describe('a list', () => {
  it('is an array, also behind a proxy', () => {
    for (const list of [[], [1], new Array(3), new Proxy([], {})]) assert.equal(isList(list), true);
    for (const other of [undefined, null, {}, 'ab', { length: 0 }, new Set(), new Int8Array(1), revoked([])])
      assert.equal(isList(other), false);
  });
});

describe('a plain object', () => {
  it('has the prototype of object literals, or none', () => {
    for (const plain of [{}, { a: 1 }, Object.create(null), new Proxy({}, {})]) assert.equal(isPlain(plain), true);
  });

  it('is no array, class instance, function, primitive or revoked proxy', () => {
    const bare = Object.setPrototypeOf(() => 1, null) as unknown;
    for (const other of [undefined, null, 3, 'a', Symbol('s'), [], new Map(), new Date(0), Math.sin, bare, revoked({})])
      assert.equal(isPlain(other), false);
  });
});

import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { placeOf, siteIn, stackHere } from '../../src/debug/call-site.js';

describe('the place of a call in a stack', () => {
  const found = (...lines: string[]): string | undefined => {
    const site = siteIn(lines.join('\n'));
    return site && placeOf(site);
  };

  it('is the first one outside of the library, as V8 writes it', () => {
    const inside = '    at run (file:///app/node_modules/bigrad/dist/chunk-AB.js:1:2)';
    assert.equal(
      found('Error: here', inside, '    at loss (file:///app/src/a b (1).ts:3:14)'),
      '/app/src/a b (1).ts:3:14',
    );
    assert.equal(found('Error: at x:1:1', inside, '    at file:///app/main.js:7:1'), '/app/main.js:7:1');
    assert.equal(found(inside, '    at async file:///app/main.js:7:1'), '/app/main.js:7:1');
    assert.equal(found(inside, '    at async Object.f [as g] (https://a.b/m.js?v=1:7:1)'), 'https://a.b/m.js?v=1:7:1');
    assert.equal(
      found('    at n (C:\\bigrad\\dist\\a.js:1:1)', '    at m (node:internal/x:1:1)', '    at C:\\app\\x.js:2:3'),
      'C:\\app\\x.js:2:3',
    );
    assert.equal(found(inside), undefined);
  });

  it('is found in stacks of other engines', () => {
    const inside = 'run@file:///app/node_modules/bigrad/dist/index.js:1:2';
    assert.equal(found(inside, 'loss@http://localhost:5173/src/app.ts:3:14'), 'http://localhost:5173/src/app.ts:3:14');
    assert.equal(found(inside, '@http://localhost/app.js:4:5', ''), 'http://localhost/app.js:4:5');
    assert.equal(found('[native code]'), undefined);
  });

  it('is found where source maps give the sources of the library and of the caller', () => {
    assert.equal(
      found(
        'Error: here',
        '    at stackHere (/app/node_modules/bigrad/src/debug/call-site.ts:27:17)',
        '    at run (/app/node_modules/bigrad/src/debug/watching.ts:103:16)',
        '    at runOp (/app/node_modules/bigrad/src/core/op.ts:193:10)',
        '    at loss (/app/src/debug/loss.ts:3:14)',
      ),
      '/app/src/debug/loss.ts:3:14',
    );
  });

  it('is not known where a bundle holds library and caller', () => {
    assert.equal(found('    at s (/app/bundle.js:1:2)', '    at f (/app/bundle.js:9:2)'), undefined);
  });

  it('is that of the caller here, however deep, and changes no setting', () => {
    const before = Error.stackTraceLimit;
    const deep = (n: number): ReturnType<typeof stackHere> => (n === 0 ? stackHere() : deep(n - 1));
    const stack = deep(50);
    assert.equal(Error.stackTraceLimit, before);
    assert.equal(pathToFileURL(stack.site!.file).href, import.meta.url.replace(/\?.*/, ''));
    assert.ok(stack.text.split('\n').length > 50);
  });
});

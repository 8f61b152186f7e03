import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import { bundle } from '../browser/bundle.js';
import { absent, findChromium, startChromium } from '../browser/chromium.js';
import { serve } from '../browser/serve.js';
import { namedBlocksOf } from './markdown.js';

// The blocks of docs/cookbook.md that are files of their own. test/docs.test.ts checks their types.

const blocks = namedBlocksOf(readFileSync('docs/cookbook.md', 'utf8'));

/** Runs the test files of a folder, and counts those that pass and that fail. */
async function tested(file: string): Promise<{ passes: number; failures: number }> {
  const mocha = new Mocha({ reporter: Mocha.reporters.Base, timeout: 60_000 });
  mocha.addFile(file);
  await mocha.loadFilesAsync();
  return new Promise((resolve) => {
    const { stats } = mocha.run(() => {
      resolve(stats!);
    });
  });
}

describe('the files in the cookbook', () => {
  const folder = mkdtempSync(join('test', 'docs-')); // inside the project, so that 'bigrad' resolves

  /** Writes all files into a folder of their own, some of them changed. */
  const written = (name: string, changed: Record<string, string> = {}): string => {
    const place = join(folder, name);
    mkdirSync(place);
    for (const [file, code] of Object.entries({ ...blocks, ...changed })) writeFileSync(join(place, file), code);
    return place;
  };
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('have an op whose test passes, and fails with a wrong rule', async () => {
    const { passes, failures } = await tested(join(written('right'), 'softsign.test.ts'));
    assert.deepEqual([passes, failures], [2, 0]);
    const wrong = blocks['softsign.ts']!.replace('square(add(abs(x), 1))', 'add(abs(x), 1)');
    assert.equal((await tested(join(written('wrong', { 'softsign.ts': wrong }), 'softsign.test.ts'))).failures, 2);
  });

  it('have a page that shows what its worker found', async function () {
    const path = findChromium();
    if (!path) {
      console.log(`    not run: ${absent}`);
      return this.skip();
    }
    const place = written('page');
    const site = await serve({
      '/index.html': '<!doctype html><body><script type="module" src="/page.js"></script></body>',
      '/page.js': (await bundle(join(place, 'page.ts'))).replace('./worker.ts', './worker.js'), // as Vite does
      '/worker.js': await bundle(join(place, 'worker.ts')),
    });
    const browser = await startChromium(path);
    try {
      const page = await browser.newPage();
      await page.goto(site.url);
      await page.waitForFunction(`document.body.textContent.includes('y = ')`);
      assert.equal(await page.textContent('body'), 'y = 2.00 x + 1.00');
    } finally {
      await browser.close();
      site.close();
    }
  });
});

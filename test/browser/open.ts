import type { Page } from 'playwright-core';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.js';
import { absent, findChromium, startChromium } from './chromium.js';
import type { Functions } from './page/index.js';
import { serve } from './serve.js';

/** The modes that are tested in a browser. */
export const modes = ['webgl2', 'webgl', 'webgpu'] as const;

type Name = keyof Functions;
type Result<N extends Name> = Awaited<ReturnType<Functions[N]>>;

/** A page in which the functions of `page/index.ts` run. */
export interface Opened {
  call<N extends Name>(name: N, ...args: Parameters<Functions[N]>): Promise<Result<N>>;
  close(): Promise<void>;
}

/** Opens the page in Chromium; where there is none the tests are skipped, and a line says so. */
export async function openPage(test: Mocha.Context): Promise<Opened> {
  const path = findChromium();
  if (!path) {
    console.log(`    not run: ${absent}`);
    return test.skip();
  }
  const site = await serve({
    '/index.html': '<!doctype html><script type="module" src="/page.js"></script>',
    '/page.js': await bundle(fileURLToPath(new URL('page/index.ts', import.meta.url))),
  });
  const browser = await startChromium(path);
  const close = async (): Promise<void> => {
    await browser.close();
    site.close();
  };
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => {
      console.log(`    in the page: ${error.message}`);
    });
    await page.goto(site.url);
    await page.waitForFunction('globalThis.ready');
    return { call: (name, ...args) => call(page, name, args), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const call = <N extends Name>(page: Page, name: N, args: unknown[]): Promise<Result<N>> =>
  page.evaluate(([f, xs]) => (globalThis as unknown as Record<string, (...given: unknown[]) => Result<N>>)[f]!(...xs), [
    name,
    args,
  ] as const);

/** The page of a suite, opened before its tests and closed after them. */
export function useBrowser(): Opened['call'] {
  let page: Opened | undefined;
  before(async function () {
    page = await openPage(this);
  });
  after(() => page?.close());
  return (name, ...args) => page!.call(name, ...args);
}

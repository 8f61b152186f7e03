import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { absent, findChromium, startChromium } from '../../test/browser/chromium.js';
import { bundle } from '../../test/browser/bundle.js';
import { serve, type Site } from '../../test/browser/serve.js';
import { installPeers } from '../peers/install.js';
import type { Row } from './bench.js';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Serves the page that measures; installs the peers first. */
export async function servePage(port = 0): Promise<Site> {
  const failure = installPeers();
  if (failure) throw new Error(`bench:gpu: expected the peers to be installed, got ${failure}`);
  const script = await bundle(here('../peers/web/page.ts'));
  return serve({ '/index.html': readFileSync(here('page.html'), 'utf8'), '/page.js': script }, port);
}

/** Runs the page in a headless Chromium; `gpu` lets it look for a real one. */
export async function inBrowser(
  query: URLSearchParams,
  gpu: boolean,
  signal: AbortSignal,
  tell: (row: Row) => void,
  picture: string,
): Promise<void> {
  const path = findChromium();
  if (!path) throw new Error(`bench:gpu: expected a browser, got ${absent}`);
  const site = await servePage();
  const browser = await startChromium(path, gpu ? ['--enable-features=Vulkan', '--ignore-gpu-blocklist'] : []);
  const stop = (): void => void browser.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
    page.on('console', (message) => {
      if (message.text().startsWith('{"job"')) tell(JSON.parse(message.text()) as Row);
    });
    const failed = new Promise<never>((_, reject) => page.on('pageerror', reject));
    await page.goto(`${site.url}?${query.toString()}`);
    await Promise.race([failed, page.waitForFunction('globalThis.finished', undefined, { timeout: 0 })]);
    await page.screenshot({ path: picture, fullPage: true });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await browser.close();
    site.close();
  }
}

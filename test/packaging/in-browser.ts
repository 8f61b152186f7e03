import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findChromium, startChromium } from '../browser/chromium.js';
import { serve } from '../browser/serve.js';

const LIMIT = 120_000; // ms

/**
 * What a bundled script prints first in Chromium, where `modes` are the GPU modes to use; undefined
 * where there is no Chromium.
 */
export async function printedInBrowser(
  folder: string,
  script: string,
  modes: readonly string[],
): Promise<string | undefined> {
  const path = findChromium();
  if (!path) return undefined;
  const from = dirname(join(folder, script));
  const scripts = readdirSync(from).map((name) => [`/${name}`, readFileSync(join(from, name), 'utf8')] as const);
  const site = await serve({ ...Object.fromEntries(scripts), '/index.html': '<!doctype html>' });
  const browser = await startChromium(path);
  try {
    const page = await browser.newPage();
    await page.goto(site.url);
    return await page.evaluate(
      async ([url, given, limit]) => {
        Object.assign(globalThis, { modes: given });
        const printed = new Promise<string>((resolve, reject) => {
          console.log = resolve;
          setTimeout(reject, limit, new Error('it printed nothing'));
        });
        await import(url);
        return printed;
      },
      [`/${script.split('/').at(-1)}`, modes, LIMIT] as const,
    );
  } finally {
    await browser.close();
    site.close();
  }
}

import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/**
 * Where Chromium is: what the variable CHROMIUM says, or where Debian puts it; undefined where
 * there is none.
 */
export function findChromium(): string | undefined {
  const path = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  return existsSync(path) ? path : undefined;
}

/** What to say where there is none. */
export const absent = 'no Chromium at /usr/bin/chromium or where the variable CHROMIUM says';

/**
 * WebGPU on a software driver where there is no GPU, as root, and without connections of the
 * browser's own.
 */
const flags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a headless Chromium with a fresh profile. */
export const startChromium = (executablePath: string, more: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath, headless: true, args: [...flags, ...more] });

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on localhost. */
export interface Site {
  readonly url: string;
  close(): void;
}

const script = 'text/javascript';
const types: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: script,
  mjs: script,
  json: 'application/json',
};

/**
 * Serves texts by their paths; isolated from other origins, so that pages may share memory between
 * threads.
 */
export function serve(files: Readonly<Record<string, string>>, port = 0): Promise<Site> {
  const server = createServer(({ url = '/' }, response) => {
    const [asked] = url.split('?');
    const path = asked === '/' ? '/index.html' : asked!;
    const text = files[path];
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    response.setHeader('Content-Type', `${types[path.split('.').at(-1)!] ?? 'text/plain'}; charset=utf-8`);
    response.statusCode = text === undefined ? 404 : 200;
    response.end(text ?? 'not found');
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', () => {
      const { port: taken } = server.address() as AddressInfo;
      resolve({
        url: `http://localhost:${taken}/`,
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}

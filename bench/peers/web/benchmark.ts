import Benchmark from 'benchmark';
import lodash from 'lodash';
import platform from 'platform';

/** benchmark.js, which in a bundle must be told where its own dependencies are. */
export const inPage = Benchmark.runInContext({ _: lodash, platform }) as unknown as typeof Benchmark;
Object.assign(globalThis, { Benchmark: inPage }); // the scripts that it writes look for it there

import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    nn: 'src/nn/index.ts',
    optim: 'src/optim/index.ts',
    bilevel: 'src/bilevel/index.ts',
    io: 'src/io/index.ts',
    debug: 'src/debug/index.ts',
    extend: 'src/extend/index.ts',
    gpu: 'src/backends/gpu/index.ts',
    testing: 'src/testing/index.ts',
  },
  format: ['esm'],
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } }, // tsup 8 sets baseUrl, which TypeScript 6 deprecates
  target: 'es2022',
  splitting: true, // one Tensor class across all subpaths
  sourcemap: true,
  clean: true,
});

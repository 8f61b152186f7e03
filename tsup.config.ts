import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    nn: 'src/nn/index.ts',
    optim: 'src/optim/index.ts',
    bilevel: 'src/bilevel/index.ts',
    testing: 'src/testing/index.ts',
  },
  format: ['esm'],
  dts: true,
  target: 'es2022',
  splitting: true, // one Tensor class across all subpaths
  sourcemap: true,
  clean: true,
});

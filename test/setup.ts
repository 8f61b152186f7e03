import fc from 'fast-check';

// FC_SEED and FC_PATH replay a counterexample; FC_RUNS sets the effort. CI fixes the seed.
const { FC_SEED, FC_PATH, FC_RUNS } = process.env;
fc.configureGlobal({
  ...(FC_SEED && { seed: Number(FC_SEED) }),
  ...(FC_PATH && { path: FC_PATH, endOnFailure: true }),
  numRuns: Number(FC_RUNS ?? 100),
});

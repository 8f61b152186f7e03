import fc from 'fast-check';

// Few random examples, always the same, so that a mutant's fate does not change from run to run; and no search for the smallest that fails.
fc.configureGlobal({ numRuns: 10, seed: 1, endOnFailure: true });

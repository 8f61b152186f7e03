import fc from 'fast-check';

// Few random examples, always the same, so that a mutant's fate does not change from run to run;
// and no search for the smallest that fails.
fc.configureGlobal({ numRuns: 3, seed: 1, endOnFailure: true });

interface Coverage {
  readonly static: Record<string, number>;
  readonly perTest: Readonly<Record<string, Record<string, number>>>;
}
const stryker = (globalThis as { __stryker__?: { readonly mutantCoverage?: Coverage } }).__stryker__;

/** What runs in a test needs no process of its own, though it ran while modules were loaded too. */
export const mochaHooks = {
  afterAll(): void {
    const coverage = stryker?.mutantCoverage;
    if (!coverage) return;
    for (const id of Object.values(coverage.perTest).flatMap(Object.keys)) Reflect.deleteProperty(coverage.static, id);
  },
};

/** What is the same for all folders. */
export default {
  testRunner: 'mocha',
  plugins: ['@stryker-mutator/*', './mutants/messages.mjs'],
  ignorers: ['messages'],
  coverageAnalysis: 'perTest',
  incremental: true,
  ignoreStatic: true,
  ignorePatterns: ['/results', '/.stryker-tmp', '/bench', '/docs', '/dist'],
  reporters: ['progress-append-only', 'json'],
  concurrency: 2,
  // The first run of a process loads the tests, which takes seconds on a busy machine.
  timeoutMS: 60000,
  timeoutFactor: 1.5,
  dryRunTimeoutMinutes: 15,
};

/** What is the same for all folders. */
export default {
  testRunner: 'mocha',
  plugins: ['@stryker-mutator/*', './mutants/messages.mjs'],
  ignorers: ['messages'],
  coverageAnalysis: 'perTest',
  incremental: true,
  ignoreStatic: true,
  ignorePatterns: ['/results', '/bench', '/docs', '/dist'],
  reporters: ['progress-append-only', 'json'],
  concurrency: 4,
  timeoutMS: 5000,
  timeoutFactor: 2.5,
  dryRunTimeoutMinutes: 15,
};

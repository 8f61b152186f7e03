/** What is the same for all folders. */
export default {
  testRunner: 'mocha',
  coverageAnalysis: 'perTest',
  incremental: true,
  ignorePatterns: ['/results', '/bench', '/docs', '/dist'],
  reporters: ['progress-append-only', 'json'],
  concurrency: 2,
  ignoreStatic: true,
  timeoutMS: 3000,
  timeoutFactor: 2,
  dryRunTimeoutMinutes: 15,
};

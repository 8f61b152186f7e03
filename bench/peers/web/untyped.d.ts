// Dependencies of benchmark.js, which are only handed on to it.
declare module 'lodash';
declare module 'platform';

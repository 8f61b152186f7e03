export { leastSquares, type LeastSquaresOptions } from './least-squares.js';
export { minimize, type MinimizeOptions } from './minimize.js';
export type { Minimum, Progress, SearchOptions, SearchReport } from './minimum.js';
export { naturalGradient, type NaturalGradientOptions } from './natural-gradient.js';
export type { Reason } from './search.js';

/** Milliseconds since some moment, with fractions: the clock of browsers and of Node. */
export const milliseconds = (): number => performance.now();

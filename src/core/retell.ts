/**
 * Gives an error a message that says more, in place: whoever catches it finds its class, its cause
 * and itself. What is no error, or cannot be written, stays as it is.
 */
export function retell(error: unknown, words: (message: string) => string): void {
  if (!(error instanceof Error)) return;
  const { message, stack } = error;
  try {
    error.message = words(message);
    if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
  } catch {
    // It is frozen.
  }
}

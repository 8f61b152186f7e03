/**
 * Returns what `read` gives. A getter or a proxy of the caller may throw; then this throws a
 * TypeError that names `who`, with that error as its cause.
 */
export function reading<T>(who: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unreadable(who, what, cause);
  }
}

/** The error for what throws when it is read. */
export const unreadable = (who: string, what: string, cause: unknown): TypeError =>
  new TypeError(`${who}: expected ${what} that can be read, got an error from a getter or a proxy${said(cause)}`, {
    cause,
  });

/** What an error says; nothing where it cannot be read either. */
function said(cause: unknown): string {
  try {
    return cause instanceof Error && cause.message ? `: ${cause.message}` : '';
  } catch {
    return '';
  }
}

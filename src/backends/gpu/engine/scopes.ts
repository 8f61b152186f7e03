import type { Block } from './block.js';

/** One reference to a block; given back once. */
export interface Ticket {
  readonly block: Block;
  open: boolean;
}

/** A stretch of time whose tickets are given back together. */
export interface Scope {
  /**
   * Gives back what was taken meanwhile, but for `kept`, which the scope around it gets. Throws a
   * TypeError where a scope that was opened later is open still.
   */
  readonly close: (kept: Iterable<Ticket>) => void;
}

/** The scopes that are open, the innermost last. */
export interface Scopes {
  readonly open: () => Scope;
  /** The innermost scope gets a ticket. */
  readonly add: (ticket: Ticket) => void;
  /** No scope has the ticket any longer. */
  readonly remove: (ticket: Ticket) => void;
}

/** No scopes yet. */
export function createScopes(giveBack: (ticket: Ticket) => void): Scopes {
  const stack: Set<Ticket>[] = [];
  const add = (ticket: Ticket): void => {
    stack[stack.length - 1]?.add(ticket);
  };
  const close = (tickets: Set<Ticket>, kept: Iterable<Ticket>): void => {
    if (stack.at(-1) !== tickets) {
      stack.splice(stack.indexOf(tickets), 1);
      throw new TypeError(
        'scope: expected the scopes that were opened inside to end first, got two asynchronous ones that overlap',
      );
    }
    stack.pop();
    for (const ticket of kept) if (tickets.delete(ticket)) add(ticket);
    for (const ticket of tickets) giveBack(ticket);
  };
  return {
    open: () => {
      const tickets = new Set<Ticket>();
      stack.push(tickets);
      return {
        close: (kept) => {
          close(tickets, kept);
        },
      };
    },
    add,
    remove: (ticket) => {
      for (const tickets of stack) tickets.delete(ticket);
    },
  };
}

/** A place in a source file, as stacks of errors say it. */
export interface CallSite {
  /** Its path, or its address where it has no path. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
}

/** Where an op was called. It is worked out when somebody asks. */
export interface Stack {
  /** The first place outside of this library; undefined where engines or bundlers hide it. */
  readonly site: CallSite | undefined;
  /** What the engine says of the calls, the innermost first. */
  readonly text: string;
}

const DEEP = 200; // frames: layers in transforms in transforms lie between an op and who called it

/** The calls that led to here. */
export function stackHere(): Stack {
  // Only V8 has the limit; it reads it when an error is made, and writes the text when it is read.
  const engine = Error as { stackTraceLimit?: number };
  const before = engine.stackTraceLimit;
  engine.stackTraceLimit = DEEP;
  const error = new Error('here');
  if (before === undefined) delete engine.stackTraceLimit;
  else engine.stackTraceLimit = before;
  return {
    get site() {
      return siteIn(error.stack ?? '');
    },
    get text() {
      return framesOf(error.stack ?? '').join('\n');
    },
  };
}

/** `/src/app.ts:3:14` */
export const placeOf = ({ file, line, column }: CallSite): string => `${file}:${line}:${column}`;

/** The lines of a stack that have a place; V8 writes the message above them. */
const framesOf = (stack: string): string[] => stack.split('\n').filter((line) => FRAME.test(line));

/** `at f (file:1:2)` and `at file:1:2` of V8, `f@file:1:2` of others. */
const FRAME = /^\s*(?:at (?:.*? \()?|.*@)(.+?):(\d+):(\d+)\)?$/;

/**
 * The first place in a stack that is not in the folder of this library, nor inside the engine. The
 * innermost call is one of the library, and tells its folder: with source maps that of its sources,
 * else that of the files that they were built into.
 */
export function siteIn(stack: string): CallSite | undefined {
  const [own, ...callers] = framesOf(stack).map(siteOf);
  const library = own?.file.replace(/(debug[\\/])?[^\\/]*$/, '');
  return callers.find(({ file }) => !file.startsWith(library!) && !file.startsWith('node:'));
}

function siteOf(frame: string): CallSite {
  const [, address, row, column] = FRAME.exec(frame)!;
  return { file: pathOf(address!.replace(/^async /, '')), line: Number(row), column: Number(column) };
}

/** A path where the address of a file is one. */
const pathOf = (address: string): string => address.replace(/^file:\/\/(?=\/)/, '');

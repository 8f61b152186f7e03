import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../x-yield/data-error.js';

/** A file of a class. */
export interface ImageFile {
  readonly path: string;
  /** Its class, as a number in the order of names. */
  readonly label: number;
}

/** A folder with a folder for each class. */
export interface ClassFolder {
  readonly classes: readonly string[];
  readonly files: readonly ImageFile[];
}

const LEAST = 2; // classes
const IMAGE = /^[^.].*\.(png|jpe?g)$/i;

/** Names in a folder in the order of their characters, wherever this runs. */
function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    const found = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such folder' : (error as Error).message;
    throw new DataError(folder, 'a folder with a folder of images for each class', found);
  }
}

/** Whether a path is a folder, or a link to one. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // a link to nowhere, or to itself
  }
}

/**
 * The images of a folder in which each folder is a class: those files whose names end in png, jpg
 * or jpeg. Throws a `DataError` for fewer than two classes, and for a class without images.
 */
export function readClasses(folder: string): ClassFolder {
  const classes = names(folder).filter((name) => !name.startsWith('.') && isFolder(join(folder, name)));
  if (classes.length < LEAST)
    throw new DataError(folder, `at least ${LEAST} folders, one for each class`, `${classes.length}`);
  const files = classes.flatMap((name, label) => {
    const own = names(join(folder, name)).filter((file) => IMAGE.test(file));
    if (own.length === 0) throw new DataError(join(folder, name), 'images that end in .png, .jpg or .jpeg', 'none');
    return own.map((file) => ({ path: join(folder, name, file), label }));
  });
  return { classes, files };
}

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `test/bench`. */
export const HERE: string = dirname(fileURLToPath(import.meta.url));

export const REPOSITORY: string = join(HERE, '..', '..');

/** What the benchmark installs, compiles and leaves behind. Ignored by git. */
export const FOLDER: string = join(REPOSITORY, '.bench');

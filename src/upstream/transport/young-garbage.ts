import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of large lines that may have gone through before their buffers are collected. */
const STEP = 16 * 1024 * 1024;
/** A line above this is likely to be still on its way out: to collect now would only make what is left of it old. */
const LARGEST = STEP / 4;

let bytes = 0;
let collectYoung: (() => void) | undefined;

/**
 * Told of every large line that has been read from a pipe.
 *
 * Its chunks are dead as soon as they are written to the client, but the memory they hold is outside of the heap, and
 * the few small objects inside of it give V8 no reason for a collection. So that memory grows until V8 runs a full one,
 * ten times a second under load, each through all that lives: a third of the time that results of a megabyte took. A
 * collection of the young objects alone frees the same memory for a tenth of that.
 */
export function largeLineRead(size: number): void {
  if (size > LARGEST) return;
  bytes += size;
  if (bytes < STEP) return;
  bytes = 0;
  collectYoung ??= exposedCollection();
  // After the line itself has been handed on.
  setImmediate(collectYoung);
}

/** Contexts that are made after this flag was set have a global `gc`; the gateway's own has none. */
function exposedCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  return () => gc({ type: 'minor' });
}

import { randomBytes } from 'node:crypto';

/** Different in each process, so that the lines of two runs in one log are told apart. */
const PROCESS = randomBytes(4).toString('hex');
let count = 0;

/** The next id of a call: for logs, never for anything that must be hard to guess. */
export function nextCallId(): string {
  count += 1;
  return `${PROCESS}-${count.toString(36)}`;
}

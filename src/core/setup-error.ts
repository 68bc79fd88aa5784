/** Something around the gateway is not as it has to be, and somebody can mend it: the message says what, and how. */
export class SetupError extends Error {
  override readonly name: string = 'SetupError';
  /** Does the message say itself where in which file, and that it is an error, as a compiler's does? */
  readonly isPlaced: boolean = false;
}

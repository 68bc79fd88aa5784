const ZERO = 48;
const NINE = 57;

/**
 * A ten digit decimal counter kept as bytes. Requests are built once; for each call only these digits are written
 * into them, so every id is new and every request has the same length.
 */
export class Digits {
  readonly bytes: Buffer = Buffer.from('1000000000', 'latin1');

  increment(): void {
    let at = this.bytes.length - 1;
    while (this.bytes[at] === NINE) {
      this.bytes[at] = ZERO;
      at -= 1;
    }
    this.bytes[at] = (this.bytes[at] ?? ZERO) + 1;
  }

  /** Writes the digits into `target` at each offset. A loop, since ten bytes are too few for a native call. */
  writeInto(target: Buffer, offsets: readonly number[]): void {
    for (const offset of offsets) {
      for (let i = 0; i < this.bytes.length; i += 1) target[offset + i] = this.bytes[i] ?? ZERO;
    }
  }

  toString(): string {
    return this.bytes.toString('latin1');
  }
}

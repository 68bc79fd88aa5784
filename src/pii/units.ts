/** For a text of so many units: there is one that all the shorter ones are put into. */
const ROOM = 32 * 1024;

/** The UTF-16 units of a text, and perhaps others behind them. An array is read in half the time of a string. */
export class Units {
  static readonly #room = new Units(ROOM);

  readonly single: Uint16Array;
  /** The same, two in each. */
  readonly #pairs: Int32Array;
  readonly #bytes: Buffer;

  private constructor(length: number) {
    this.#pairs = new Int32Array(Math.ceil(length / 2));
    this.single = new Uint16Array(this.#pairs.buffer);
    this.#bytes = Buffer.from(this.#pairs.buffer);
  }

  /** The units of a text, until the next text is asked for. */
  static of(text: string): Units {
    const units = text.length <= ROOM ? Units.#room : new Units(text.length);
    units.#bytes.write(text, 'utf16le');
    return units;
  }

  /**
   * Where a row of one unit ends, such as one of dots or dashes.
   * @param start behind the first one of the row
   * @param length of the text
   */
  endOfRow(start: number, length: number): number {
    const { single } = this;
    const pairs = this.#pairs;
    const unit = single[start - 1] ?? 0;
    let i = start;
    // A pair begins at an even place.
    if (i % 2 === 1) {
      if (i >= length || single[i] !== unit) return i;
      i += 1;
    }
    const pair = unit | (unit << 16);
    let place = i >> 1;
    const end = length >> 1;
    while (place < end && pairs[place] === pair) place += 1;
    i = 2 * place;
    return i < length && single[i] === unit ? i + 1 : i;
  }
}

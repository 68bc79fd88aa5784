import { styleText } from 'node:util';

type Paint = (text: string) => string;

/** Paints words, or leaves them alone where colour is not wanted. Few colours, each with one meaning. */
export interface Style {
  /** What to look at first. */
  readonly strong: Paint;
  /** What may be passed over. */
  readonly faint: Paint;
  readonly good: Paint;
  readonly warn: Paint;
  readonly bad: Paint;
  /** What can be opened or copied. */
  readonly link: Paint;
}

export function createStyle(color: boolean): Style {
  const paint =
    (format: Parameters<typeof styleText>[0]) =>
    // Whether the stream takes colour was decided when `color` was; styleText must not decide again.
    (text: string): string =>
      color ? styleText(format, text, { validateStream: false }) : text;
  return {
    strong: paint('bold'),
    faint: paint('dim'),
    good: paint('green'),
    warn: paint('yellow'),
    bad: paint('red'),
    link: paint('cyan'),
  };
}

/**
 * May this stream be coloured? NO_COLOR (any value but the empty one) wins over all, then FORCE_COLOR (`0` and
 * `false` turn it off), then whether a terminal is there that can (https://no-color.org, https://force-color.org).
 */
export function wantsColor(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}

import { stripVTControlCharacters } from 'node:util';
import { displayWidth as plainWidth } from '../config/display-width.ts';

/** How many cells of a terminal this text takes; colour takes none. */
export function displayWidth(text: string): number {
  return plainWidth(stripVTControlCharacters(text));
}

/** Fills up with blanks to this many cells. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Breaks prose at blanks into lines of at most `width` cells. A word longer than a line keeps its own line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** C0 and C1 but for tab and line feed, DEL, and the marks that turn the reading direction around. */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from a server as it may be shown on a terminal: an escape sequence could otherwise rewrite what stands there,
 * set the title or fill the clipboard. Each such character becomes visible.
 */
export function printable(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same on one line. */
export function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim());
}

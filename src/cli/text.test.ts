import { describe, expect, it } from 'vitest';
import { displayWidth, oneLine, pad, printable, wrap } from './text.ts';

describe('displayWidth', () => {
  it.each([
    ['', 0],
    ['net', 3],
    ['서버', 4],
    ['日本', 4],
    ['Ａ', 2],
    ['🚪', 2],
    ['e\u0301', 1],
    ['\u001b[1mbold\u001b[22m', 4],
    ['✓ …', 3],
  ])('%s takes %i cells', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('pad', () => {
  it('fills by cells, not by characters', () => {
    expect(pad('서버', 6)).toBe('서버  ');
    expect(pad('longer', 3)).toBe('longer');
  });
});

describe('wrap', () => {
  it('breaks at blanks and fills the width', () => {
    expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
    expect(wrap('one two three', 13)).toEqual(['one two three']);
  });

  it('leaves a long word whole, and an empty text empty', () => {
    expect(wrap('a https://example.com/very/long b', 10)).toEqual([
      'a',
      'https://example.com/very/long',
      'b',
    ]);
    expect(wrap('  \n ', 10)).toEqual([]);
  });
});

describe('printable', () => {
  it('shows what would move the cursor, set the title or fill the clipboard', () => {
    expect(printable('\u001b]52;c;aGk=\u0007')).toBe('\\u001b]52;c;aGk=\\u0007');
    expect(printable('a\rb\u009b2Jc\u007f\u0000')).toBe('a\\u000db\\u009b2Jc\\u007f\\u0000');
    expect(printable('safe\u202egnp.exe')).toBe('safe\\u202egnp.exe');
  });

  it('leaves lines, tabs and every language alone', () => {
    expect(printable('a\n\tb\r\n서버 🚪')).toBe('a\n\tb\n서버 🚪');
  });
});

describe('oneLine', () => {
  it('makes one line of many, and keeps nothing that moves the cursor', () => {
    expect(oneLine('  a\n  b\u001b[2K\n')).toBe('a b\\u001b[2K');
  });
});

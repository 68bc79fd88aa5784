import { describe, expect, it } from 'vitest';
import { createStyle, wantsColor } from './style.ts';

describe('wantsColor', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ TERM: 'dumb' }, true, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: 'false' }, true, false],
    [{ FORCE_COLOR: '' }, false, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ FORCE_COLOR: '1', TERM: 'dumb' }, true, true],
  ])('%o at a terminal %s: %s', (env, isTerminal, expected) => {
    expect(wantsColor(env, isTerminal)).toBe(expected);
  });
});

describe('createStyle', () => {
  it('paints, whatever this process writes to', () => {
    expect(createStyle(true).bad('no')).toBe('\u001b[31mno\u001b[39m');
  });

  it('leaves the words alone where no colour is wanted', () => {
    const style = createStyle(false);
    for (const paint of Object.values(style)) expect(paint('word')).toBe('word');
  });
});

import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const TOOLS = ['net__ping_host', 'net__fetch_page', 'files__read_file'];

describe('nearest', () => {
  it.each([
    ['ping_host', 'net__ping_host'],
    ['net__ping_hots', 'net__ping_host'],
    ['Net__Fetch_Page', 'net__fetch_page'],
    ['files__readfile', 'files__read_file'],
    ['something_else', null],
    ['', null],
  ])('%s means %s', (word, expected) => {
    expect(nearest(word, TOOLS)).toBe(expected);
  });

  it('is null where there is nothing to choose from', () => {
    expect(nearest('x', [])).toBeNull();
  });
});

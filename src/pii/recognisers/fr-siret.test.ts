import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('FR_SIRET', () => {
  it.each([
    ['732 829 320 00074', '732 829 320 00074'],
    ['SIRET 73282932000074', '73282932000074'],
    ['La Poste, SIRET 356 000 000 00048', '356 000 000 00048'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`FR_SIRET ${value}`]);
  });

  it.each(['73282932000074', '732 829 320 00075', '20240115102345'])('finds none in %j', (text) => {
    expect(finds(text).filter((find) => find.startsWith('FR_SIRET'))).toEqual([]);
  });
});

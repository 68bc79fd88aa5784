import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('IBAN', () => {
  it.each([
    ['FR76 3000 6000 0112 3456 7890 189', 'FR76 3000 6000 0112 3456 7890 189'],
    ['DE89370400440532013000', 'DE89370400440532013000'],
    ['gb82 west 1234 5698 7654 32', 'gb82 west 1234 5698 7654 32'],
    ['DE89-3704-0044-0532-0130-00', 'DE89-3704-0044-0532-0130-00'],
    ['계좌DE89370400440532013000로', 'DE89370400440532013000'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`IBAN ${value}`]);
  });

  it.each([
    'DE89370400440532013001',
    'DE8937040044053201300',
    'XDE89370400440532013000',
    'DE893704004405320130000',
    'XX89370400440532013000',
  ])('finds none in %j', (text) => {
    expect(finds(text).filter((find) => find.startsWith('IBAN'))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { ContextWords, contextWords } from './context.ts';

const WORDS = contextWords('^tel phone ^hp$ from$ account-no 계좌 등록-번호 ☎ téléphone');

/** Is one of the words near the `#` of a text? */
function areNear(text: string, key = ''): boolean {
  const at = text.indexOf('#');
  return WORDS.areNear({ text, key }, at, at + 1);
}

describe('context words', () => {
  it.each([
    'phone #',
    '# phone',
    'PHONE: #',
    'myphones #',
    'tel.#',
    'TEL #',
    '전화tel #',
    'hp#',
    '(HP) #',
    'therefrom #',
    '계좌는 #',
    '☎#',
    '☎ #',
    'TÉLÉPHONE #',
  ])('are found in %j', (text) => {
    expect(areNear(text)).toBe(true);
  });

  it.each(['#', 'hotel #', 'php #', 'hps #', 'fromage #', 'pho#ne', 'ph one #', '계 좌 #', 'teñ #'])(
    'are not in %j',
    (text) => {
      expect(areNear(text)).toBe(false);
    },
  );

  it.each([
    'account no #',
    'account_no #',
    'Account-No. #',
    'accountNo #',
    'accountno #',
    '등록번호 #',
    '등록\n번호 #',
  ])('are written apart, together or as in a key: %j', (text) => {
    expect(areNear(text)).toBe(true);
    expect(areNear(text.replace(/[-_ \n]?(?=[nN번])/, '+'))).toBe(false);
  });

  it.each(['my_tel #', 'my_hp_x #', 'myTel #', 'mobileHp #'])(
    'begin and end as words of a key do: %j',
    (text) => {
      expect(areNear(text)).toBe(true);
    },
  );

  it('are near within 50 characters before and 20 behind', () => {
    expect(areNear(`phone${' '.repeat(45)}#`)).toBe(true);
    expect(areNear(`phone${' '.repeat(46)}#`)).toBe(false);
    expect(areNear(`#${' '.repeat(15)}phone`)).toBe(true);
    expect(areNear(`#${' '.repeat(16)}phone`)).toBe(false);
  });

  it('are whole words as the text has them, and not as what is near has them', () => {
    expect(areNear(`hotel${' '.repeat(47)}#`)).toBe(false);
    expect(areNear(`#${' '.repeat(18)}hps`)).toBe(false);
  });

  it('are found in the key as well', () => {
    expect(areNear('#', 'account no')).toBe(true);
    expect(areNear('#', 'hotel')).toBe(false);
  });

  it('may be many', () => {
    const many = new ContextWords(
      Array.from({ length: 2000 }, (_, i) => ({ text: `word${i}x`, isStart: false, isEnd: false })),
    );
    const isNear = (text: string): boolean => many.areNear({ text, key: '' }, text.length, text.length);
    expect(isNear('a WORD1999X, ')).toBe(true);
    expect(isNear('a word2000x, ')).toBe(false);
  });
});

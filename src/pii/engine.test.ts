import { describe, expect, it } from 'vitest';
import { createEngine } from './engine.ts';
import type { Entity } from './entity.ts';
import { keyWords } from './key-words.ts';
import { withoutOverlaps } from './overlaps.ts';

const TEXT = '홍길동님: kim@example.com, 010-1234-5678';

describe('the engine', () => {
  it('gives finds in the order of the text, in UTF-16 units of the text as it was given', () => {
    const text = `😀\u200b ${TEXT} ０１０-9876-5432`;
    const found = createEngine().scan(text);
    expect(found.map(({ start, end }) => text.slice(start, end))).toEqual([
      '홍길동',
      'kim@example.com',
      '010-1234-5678',
      '０１０-9876-5432',
    ]);
    for (const { score } of found) expect(score).toBeGreaterThanOrEqual(0.5);
  });

  it('looks for some types only, and leaves out what it is not sure of', () => {
    const types = new Set(['EMAIL_ADDRESS']);
    expect(
      createEngine({ types })
        .scan(TEXT)
        .map(({ type }) => type),
    ).toEqual(['EMAIL_ADDRESS']);
    expect(createEngine({ threshold: 0.99 }).scan(TEXT)).toEqual([]);
    expect(createEngine({ threshold: 0.2 }).scan('9001011234567')).toMatchObject([{ type: 'KR_RRN' }]);
    expect(createEngine().scan('9001011234567')).toEqual([]);
  });

  it('takes words around a number for what they say, in three languages', () => {
    const scan = (text: string): string[] =>
      createEngine()
        .scan(text)
        .map(({ type }) => type);
    expect(scan('0212345678')).toEqual([]);
    for (const word of ['전화', 'phone', 'téléphone'])
      expect(scan(`${word} 0212345678`)).toEqual(['PHONE_NUMBER']);
    expect(scan(`전화${' '.repeat(60)}0212345678`)).toEqual([]);
  });

  it('finds in a key what it finds in a text, again and again', () => {
    const engine = createEngine();
    for (const key of ['text', 'kim@example.com', '010-1234-5678', ''])
      for (let time = 0; time < 3; time++) {
        expect(engine.scanKey(key)).toEqual(engine.scan(key));
        engine.scan('a value', key);
      }
  });

  it('gives the same for the same text, whatever it scanned before', () => {
    const engine = createEngine();
    const first = engine.scan(TEXT);
    engine.scan('계좌번호 110-123-456789');
    expect(engine.scan(TEXT)).toEqual(first);
  });

  it('finds nothing in nothing', () => {
    for (const text of ['', ' ', '\u200b', '\ud800', 'ㅋㅋㅋ', '+', '@', ':', '님', '씨', '이름'])
      expect(createEngine().scan(text)).toEqual([]);
  });
});

describe('finds that share characters', () => {
  const entity = (type: string, start: number, end: number, score: number): Entity => ({
    type,
    start,
    end,
    score,
  });

  it('leave the surest one, of equally sure ones the longest', () => {
    const finds = [
      entity('A', 0, 5, 0.6),
      entity('B', 3, 9, 0.9),
      entity('C', 8, 12, 0.7),
      entity('D', 12, 14, 0.5),
    ];
    expect(withoutOverlaps(finds).map(({ type }) => type)).toEqual(['B', 'D']);
    const equal = [entity('A', 0, 5, 0.6), entity('B', 0, 9, 0.6)];
    expect(withoutOverlaps(equal).map(({ type }) => type)).toEqual(['B']);
  });

  it('are few, however many there were', () => {
    const many = Array.from({ length: 5000 }, (_, i) => entity('A', i, i + 3, 0.5));
    const kept = withoutOverlaps(many);
    expect(kept).toHaveLength(1667);
    expect(kept.every(({ start }, i) => start === i * 3)).toBe(true);
  });
});

describe('a key', () => {
  it.each([
    ['cardNumber', 'card number'],
    ['card_number', 'card number'],
    ['주민번호', '주민번호'],
    ['user.email-address', 'user email address'],
    ['SSN', 'ssn'],
    ['email', 'email'],
  ])('%s reads %s', (key, words) => {
    expect(keyWords(key)).toBe(words);
  });
});

import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/pii/engine.ts';
import { evaluate, type Score } from '../../../src/pii/eval.ts';
import { CLEAN, codeLines } from './clean.ts';
import { koreanNames, type Noise, structured } from './development-set.ts';
import { Random } from './random.ts';

const engine = createEngine();

/** What is worse than it may be, in words that say which. */
function below(scores: readonly Score[], precision: number, recall: number): string[] {
  return scores
    .filter((score) => score.precision < precision || score.recall < recall)
    .map(
      (score) => `${score.type} precision ${score.precision.toFixed(3)} recall ${score.recall.toFixed(3)}`,
    );
}

describe('structured types', () => {
  it.each<[string, Noise]>([
    ['as they should be', 0],
    ['as people write them', 1],
    ['in full width, with other dashes, with what cannot be seen', 2],
  ])('%s: precision and recall are at least 0.98', (_title, noise) => {
    expect(below(evaluate(engine, structured(noise, 300), 'overlap'), 0.98, 0.98)).toEqual([]);
  });

  it('are found where they begin and end', () => {
    for (const noise of [0, 1, 2] as const)
      expect(below(evaluate(engine, structured(noise, 100), 'exact'), 0.98, 0.98)).toEqual([]);
  });
});

describe('Korean names', () => {
  it('with an honorific or a label: precision at least 0.90, recall at least 0.70', () => {
    const scores = evaluate(engine, koreanNames(4000));
    expect(scores.map(({ type }) => type)).toEqual(['PERSON']);
    expect(below(scores, 0.9, 0.7)).toEqual([]);
  });
});

describe('text without personal data', () => {
  const LINES = 10_000;

  it.each([...CLEAN])('%s: fewer than 1 of 10,000 lines has a find of any type', (_title, line) => {
    const random = new Random(3);
    const found: string[] = [];
    for (let i = 0; i < LINES; i++) {
      const text = line(random);
      for (const { type, start, end } of engine.scan(text))
        found.push(`${type} ${text.slice(start, end)} in ${text}`);
    }
    expect(found).toEqual([]);
  });

  it('code: fewer than 1 of 10,000 lines has a find of a type', () => {
    const lines = codeLines();
    expect(lines.length).toBeGreaterThan(20_000);
    const found = new Map<string, string[]>();
    for (const text of lines)
      for (const { type } of engine.scan(text)) found.set(type, [...(found.get(type) ?? []), text.trim()]);
    const many = [...found].filter(([, where]) => where.length > lines.length / 10_000);
    expect(many).toEqual([]);
  });
});

describe('speed', () => {
  it('threat 36: does not grow faster than the text, whatever the text is', () => {
    const evil = [
      '1-'.repeat(20_000),
      '1 '.repeat(20_000),
      '@'.repeat(40_000),
      'a@'.repeat(20_000),
      ':'.repeat(40_000),
      'a:'.repeat(20_000),
      '님'.repeat(20_000),
      '김'.repeat(20_000),
      'M. '.repeat(13_000),
      'Mr. A '.repeat(8000),
      'name: A '.repeat(6000),
      '주소: '.repeat(8000),
      '+1'.repeat(20_000),
      'AA11'.repeat(10_000),
      'a.'.repeat(20_000) + '@',
      '://a:b'.repeat(8000),
      '\u0301'.repeat(40_000),
      '０\u0301'.repeat(20_000),
      '-----BEGIN PRIVATE KEY-----'.repeat(2000),
      'eyJ.'.repeat(10_000),
      '1:'.repeat(20_000),
      '::'.repeat(20_000),
    ];
    for (const text of evil) {
      const started = performance.now();
      engine.scan(text);
      expect(performance.now() - started, text.slice(0, 12)).toBeLessThan(2000);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { createEngine } from '../engine.ts';

const engine = createEngine();
const found = (text: string): [string, string][] =>
  engine.scan(text).map(({ type, start, end }) => [type, text.slice(start, end)]);

describe('JSON within a text', () => {
  it.each([
    ['{"이름":"홍길동","번호":1}', 'PERSON', '홍길동'],
    ['[{"id": 7, "name": "Jane Miller"}]', 'PERSON', 'Jane Miller'],
    ["{'customer_name': 'Jean Dupont'}", 'PERSON', 'Jean Dupont'],
    [String.raw`{"text":"{\"이름\":\"김민지\"}"}`, 'PERSON', '김민지'],
    ['{"주소":"서울특별시 강남구 테헤란로 12"}', 'ADDRESS', '서울특별시 강남구 테헤란로 12'],
    ['{"password": "hunter2-and-more"}', 'SECRET', 'hunter2-and-more'],
  ])('%s', (text, type, value) => {
    expect(found(text)).toContainEqual([type, value]);
  });

  it.each([
    '{"name": "sallyport", "version": "1.0.0"}',
    '{"이름": "설정"}',
    '{"title": "Jane Eyre"}',
    '"name": "Visual Studio"',
    "a ? 'name': 'other'",
    '":"',
    '": ""',
  ])('%s has no person in it', (text) => {
    expect(found(text)).toEqual([]);
  });
});

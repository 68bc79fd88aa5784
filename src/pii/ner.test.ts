import { describe, expect, it } from 'vitest';
import { type Model, namesIn, openModel } from './ner.ts';

/** Answers as KLUE and CoNLL models do: pieces of words with their tags. */
const model: Model = (text) =>
  Promise.resolve(
    text.startsWith('어제')
      ? [
          { entity: 'B-PS', score: 0.99, word: '홍' },
          { entity: 'I-PS', score: 0.98, word: '##길동' },
          { entity: 'B-LC', score: 0.97, word: '서울' },
        ]
      : [
          { entity: 'B-PER', score: 0.9, word: 'Jane' },
          { entity: 'I-PER', score: 0.9, word: 'Doe' },
          { entity: 'B-PER', score: 0.2, word: 'May' },
        ],
  );

describe('names by a model', () => {
  it('are put together from pieces, at their places in the text', async () => {
    const names = await namesIn(
      model,
      0.5,
    )({ a: '어제 홍길동은 서울에서', b: ['met Jane Doe in May', '12'] });
    const text = '어제 홍길동은 서울에서';
    expect(names(text).map(({ start, end }) => text.slice(start, end))).toEqual(['홍길동']);
    const english = 'met Jane Doe in May';
    expect(names(english)).toEqual([{ type: 'PERSON', start: 4, end: 12, score: 0.9 }]);
    expect(names('12')).toEqual([]);
  });

  it('are not to be had without the package, and the message says which', async () => {
    await expect(openModel('/nowhere')).rejects.toThrow('@huggingface/transformers');
  });
});

import { describe, expect, it } from 'vitest';
import { resultText } from './tool-result.ts';

describe('resultText', () => {
  it('is the text as it came, with one line feed at its end', () => {
    expect(resultText({ content: [{ type: 'text', text: 'a' }] })).toBe('a\n');
    expect(resultText({ content: [{ type: 'text', text: 'a\n' }] })).toBe('a\n');
    expect(resultText({ content: [] })).toBe('');
  });

  it('has a line for each block', () => {
    const data = Buffer.alloc(1500).toString('base64');
    const text = resultText({
      content: [
        { type: 'text', text: 'one' },
        { type: 'image', mimeType: 'image/png', data },
        { type: 'audio', mimeType: 'audio/wav', data: 'AAAA' },
        { type: 'resource_link', name: 'readme', uri: 'file:///readme' },
        { type: 'resource', resource: { uri: 'file:///a', text: 'inside' } },
        { type: 'resource', resource: { uri: 'file:///b', blob: 'AAAA' } },
      ],
    });
    expect(text.split('\n')).toEqual([
      'one',
      '[image image/png, 1.5 kB: --json has it]',
      '[audio audio/wav, 3 bytes: --json has it]',
      '[readme] file:///readme',
      'inside',
      '[file:///b, 3 bytes: --json has it]',
      '',
    ]);
  });

  it('is the structured content where there is nothing else', () => {
    expect(resultText({ content: [], structuredContent: { a: 1 } })).toBe('{\n  "a": 1\n}\n');
    const both = { content: [{ type: 'text' as const, text: 'words' }], structuredContent: { a: 1 } };
    expect(resultText(both)).toBe('words\n');
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesTemplate } from './uri-template.ts';

describe('matchesTemplate', () => {
  it.each([
    ['note://{id}', 'note://7', true],
    ['note://{id}', 'note://', true],
    ['note://{id}', 'note://a/b', false],
    ['note://{id}', 'note://a?b', false],
    ['note://{id}', 'notes://7', false],
    ['note://{id}/text', 'note://7/text', true],
    ['note://{id}/text', 'note://7/8/text', false],
    ['note://{id}/text', 'note://7/text/more', false],
    ['note://{id}/text', 'note://7', false],
    ['file:///{+path}', 'file:///a/b/c.txt?d#e', true],
    ['file://{/path*}', 'file:///a/b', true],
    ['search://x{?q,lang}', 'search://x?q=1&lang=de', true],
    ['search://x{?q}', 'search://x', true],
    ['page://{name}{#part}', 'page://a#b/c', true],
    ['{scheme}://{host}', 'a://b', true],
    ['{a}{b}', 'xy', true],
    ['a{x}a{y}a', 'aaa', true],
    ['a{x}a{y}a', 'aa', false],
    ['a{x}b', 'aXbXb', true],
    ['plain://text', 'plain://text', true],
    ['plain://text', 'plain://texts', false],
    ['unclosed://{a', 'unclosed://{a', true],
    ['unclosed://{a', 'unclosed://b', false],
    ['empty', '', false],
    ['', '', true],
    ['', 'a', false],
    ['a.*(b', 'a.*(b', true],
    ['a.b', 'axb', false],
    ['größe://{é}', 'größe://안녕', true],
  ])('%s and %s: %s', (template, uri, expected) => {
    expect(matchesTemplate(template, uri)).toBe(expected);
  });

  it('says what a regular expression would say', () => {
    const literal = fc.string({ unit: fc.constantFrom('a', 'b', '/', '?'), maxLength: 3 });
    const expression = fc.constantFrom('{x}', '{+x}', '{/x}', '{?x}', '{x*}');
    const template = fc.array(fc.oneof(literal, expression), { maxLength: 7 });
    const uri = fc.string({ unit: fc.constantFrom('a', 'b', '/', '?'), maxLength: 10 });
    fc.assert(
      fc.property(template, uri, (pieces, text) => {
        const pattern = pieces.map((piece) =>
          !piece.startsWith('{') ? piece.replaceAll('?', '\\?') : piece.startsWith('{x') ? '[^/?#]*' : '[^]*',
        );
        expect(matchesTemplate(pieces.join(''), text)).toBe(new RegExp(`^${pattern.join('')}$`).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['many expressions', '{a}x'.repeat(2000), 'x'.repeat(8000)],
    ['expressions side by side', `${'{a}'.repeat(20_000)}y`, 'x'.repeat(8000)],
    ['what makes backtracking explode', `${'{+a}{+b}'.repeat(12)}!`, 'ab'.repeat(4000)],
    ['a long text behind an expression', `{a}${'x'.repeat(900)}y`, 'x'.repeat(8000)],
    ['a template without end', `{a}${'x'.repeat(1_000_000)}`, 'x'.repeat(1_000_000)],
    ['a URI without end', 'file:///{+path}', `file:///${'x'.repeat(4_000_000)}`],
  ])('answers soon with %s', (_what, template, uri) => {
    const from = performance.now();
    matchesTemplate(template, uri);
    expect(performance.now() - from).toBeLessThan(500);
  });
});

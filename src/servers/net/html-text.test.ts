import { describe, expect, it } from 'vitest';
import { ToolFailure } from './failure.ts';
import { readHtml } from './html-reader.ts';
import { htmlText } from './html-text.ts';

const PAGE = `<!doctype html>
<html><head>
  <title> Fish &amp;
    Chips </title>
  <style>p { color: red }</style><script>document.write('<p>no</p>')</script>
</head><body>
  <svg><title>an icon</title></svg>
  <h1>Menu</h1>
  <noscript>Please enable JavaScript</noscript><template><p>later</p></template>
  <p>Caf&eacute; &lt;open&gt; &#x1F41F; <a href="/order">order here</a> <img src=x alt=fish></p>
  <ul><li>cod<li>plaice</ul>
  <table><tr><th>Fish<th>Price<tr><td>Cod<td>7 €</table>
  <pre>  two
    lines</pre>
</body></html>`;

describe('htmlText', () => {
  it('tells the title, and the text as a person reads it', () => {
    expect(htmlText(PAGE)).toEqual({
      title: 'Fish & Chips',
      text: [
        'Menu',
        '',
        'Café <open> 🐟 order here',
        '',
        ' * cod',
        ' * plaice',
        '',
        'Fish Price',
        'Cod 7 €',
        '',
        '  two',
        '    lines',
      ].join('\n'),
    });
  });

  it.each([
    ['', null, ''],
    ['plain', null, 'plain'],
    ['<title>T</title>text', 'T', 'text'],
    ['<title>  </title>', null, ''],
    ['<svg><title>icon</title></svg><p>x', 'icon', 'x'],
    ['<p>unclosed <b>tags', null, 'unclosed tags'],
    ['<!-- <p>hidden</p> --><p>seen', null, 'seen'],
  ])('reads %j', (html, title, text) => {
    expect(htmlText(html)).toEqual({ title, text });
  });
});

describe('readHtml', () => {
  const wanted = new AbortController().signal;

  it('says the same from a thread of its own', async () => {
    expect(await readHtml(PAGE, wanted)).toEqual(htmlText(PAGE));
  });

  it('gives up on a page that is built to take for ever, and holds nobody else up', async () => {
    const ticks: number[] = [];
    const timer = setInterval(() => ticks.push(performance.now()), 20);
    const started = performance.now();
    await expect(readHtml('<b></p>'.repeat(300_000), wanted)).rejects.toBeInstanceOf(ToolFailure);
    clearInterval(timer);
    expect(performance.now() - started).toBeLessThan(12_000);
    expect(ticks.length).toBeGreaterThan(50);
  }, 20_000);

  it('ends when the page is not wanted any more', async () => {
    const controller = new AbortController();
    const reason = new Error('not wanted');
    const pending = readHtml('<b></p>'.repeat(300_000), controller.signal);
    setTimeout(() => controller.abort(reason), 100);
    await expect(pending).rejects.toBe(reason);
    await expect(readHtml(PAGE, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

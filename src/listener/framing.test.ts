import { describe, expect, it } from 'vitest';
import { listen } from './testing.ts';

const HOST = 'Host: localhost\r\n';
/** What an attacker would have somebody else's proxy, or us, take for a request of its own. */
const SMUGGLED = `GET /servers/smuggled/mcp HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
const CHUNKED = `POST /mcp HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`;

const post = (headers: string, body = '0\r\n\r\n', version = '1.1'): string =>
  `POST /mcp HTTP/${version}\r\n${HOST}${headers}\r\n\r\n${body}${SMUGGLED}`;

const times = { headersMs: 300, bodyMs: 300, idleMs: 300 };

describe('a request whose end two readers may see at two places', () => {
  it.each([
    ['a coding that nobody knows', post('Transfer-Encoding: xchunked')],
    ['a coding that was taken back', post('Transfer-Encoding: identity')],
    ['two codings', post('Transfer-Encoding: gzip, chunked')],
    ['chunks that are not the last', post('Transfer-Encoding: chunked, identity')],
    ['two lines of codings', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity')],
    ['a coding behind a vertical tab', post('Transfer-Encoding: \u000bchunked')],
    ['a coding on a folded line', post('Transfer-Encoding:\r\n chunked')],
    ['chunks in HTTP/1.0', post('Transfer-Encoding: chunked', undefined, '1.0')],
    ['chunks in HTTP/2.0', post('Transfer-Encoding: chunked', undefined, '2.0')],
    ['another version', post('Content-Length: 0', '', '1.2')],
    ['a length of zero and chunks', post('Content-Length: 0\r\nTransfer-Encoding: chunked')],
    ['a length with a sign', post('Content-Length: +5', 'hello')],
    ['a length that is hexadecimal', post('Content-Length: 0x5', 'hello')],
    ['a list of lengths', post('Content-Length: 5, 5', 'hello')],
    ['the same length twice', post('Content-Length: 5\r\nContent-Length: 5', 'hello')],
    ['an empty length', post('Content-Length: ', 'hello')],
    ['a length below zero', post('Content-Length: -1', 'hello')],
    ['a length beyond all numbers', post('Content-Length: 99999999999999999999', 'hello')],
    ['lines that end with a line feed', `POST /mcp HTTP/1.1\nHost: localhost\n\n${SMUGGLED}`],
    ['a header behind a line feed', post('X: a\nTransfer-Encoding: chunked')],
    ['a header behind a carriage return', post('X: a\rTransfer-Encoding: chunked')],
    ['a space in front of the first header', `POST /mcp HTTP/1.1\r\n X: y\r\n${HOST}\r\n${SMUGGLED}`],
    ['two hosts', post('Host: evil.example\r\nContent-Length: 0', '')],
    ['two tokens', post('Authorization: Bearer a\r\nAuthorization: Bearer b\r\nContent-Length: 0', '')],
    ['more headers than anybody counts', post(`${'a:\r\n'.repeat(2100)}Host: evil.example`, '')],
    ['the greeting of HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${SMUGGLED}`],
  ])('is refused, and with it what follows: %s', async (_what, text) => {
    await using door = await listen(times);
    const answer = await door.raw(text);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toMatch(/^HTTP\/1\.1 [^4]/m);
    expect(door.let).toEqual([]);
  });

  it('says what was wrong', async () => {
    await using door = await listen(times);
    expect(await door.raw(post('Transfer-Encoding: gzip, chunked'))).toMatch(
      /connection: close[\s\S]*The only Transfer-Encoding that is understood is chunked\.[\s\S]*bad_framing/,
    );
  });

  it.each([
    ['a size that is none', '0x5\r\nhello\r\n0\r\n\r\n'],
    ['a size behind a line feed', '5\nhello\r\n0\r\n\r\n'],
    ['a line feed in an extension', '5;\nxx\r\nhello\r\n0\r\n\r\n'],
    ['more than its size', '5\r\nhelloX\r\n0\r\n\r\n'],
    ['a size beyond all numbers', '10000000000000005\r\nhello\r\n0\r\n\r\n'],
    ['an extension without end', `5;${'x'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`],
  ])('nothing follows a chunk with %s', async (_what, body) => {
    await using door = await listen({
      ...times,
      mcp: (req, res) => void req.resume().on('end', () => res.end('in')),
    });
    const answer = await door.raw(`${CHUNKED}${body}${SMUGGLED}`);
    expect(answer).not.toContain(' 200 ');
  });
});

describe('requests in a row on one connection', () => {
  it('are answered one after the other, those that were refused in between as well', async () => {
    await using door = await listen(times);
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`;
    const body = 'GET /servers/body/mcp HTTP/1.1\r\n\r\n';
    const answer = await door.raw(
      [
        get('/servers/one/mcp'),
        // What looks like a request in a body is a body, whoever did not read it.
        `POST /nothing HTTP/1.1\r\n${HOST}Content-Length: ${body.length}\r\n\r\n${body}`,
        get('http://localhost/servers/absolute/mcp'),
        get('//localhost/servers/relative/mcp'),
        get('/servers/two/mcp/../../three/mcp'),
        get('/servers/last/mcp'),
      ].join(''),
    );
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      '200',
      '404',
      '404',
      '404',
      '404',
      '200',
    ]);
    expect(door.let).toEqual(['one', 'last']);
  });
});

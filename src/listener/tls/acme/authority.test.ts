import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certify } from '../../../../test/support/certificates.ts';
import { Answers } from './answers.ts';
import { Authority } from './authority.ts';
import { millisecondsOf } from './http.ts';
import { Keep } from './keep.ts';
import { AcmeError } from './problem.ts';

let folder: string;
let ca: string;
let server: Server;
/** How the authority answers, besides its directory. */
let answer: (path: string, res: ServerResponse) => void;
let asked: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-authority-'));
  const { cert, key, ca: pem } = certify(folder, { names: ['localhost'] });
  ca = cert;
  asked = [];
  answer = (_path, res) => res.end();
  server = createServer({ cert: pem, key: readFileSync(key) }, (req, res) => {
    const path = req.url ?? '';
    asked.push(path);
    res.setHeader('replay-nonce', 'nonce');
    if (path !== '/dir') return answer(path, res);
    const at = (name: string): string => `https://localhost:${port()}/${name}`;
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ newNonce: at('nonce'), newAccount: at('account'), newOrder: at('order') }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const port = (): number => (server.address() as AddressInfo).port;

/** What goes wrong when a certificate is ordered there. */
async function refusalOf(
  directory = `https://localhost:${port()}/dir`,
  { signal = new AbortController().signal, isKnown = true } = {},
): Promise<AcmeError> {
  const authority = new Authority({
    config: { domains: ['mcp.test'], directory, termsAgreed: true, ca: isKnown ? ca : undefined },
    keep: new Keep(folder, directory),
    answers: new Answers(),
    version: '0',
    signal,
  });
  const error: unknown = await authority.order('mcp.test', 'http-01').catch((thrown: unknown) => thrown);
  if (error instanceof AcmeError) return error;
  throw new Error('it was no refusal', { cause: error });
}

/** Answers every request for an account like this. */
function refusing(status: number, problem: object, headers: Readonly<Record<string, string>> = {}): void {
  answer = (path, res) => {
    if (path !== '/account') return res.end();
    res.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
    return res.end(JSON.stringify(problem));
  };
}

describe('an authority', () => {
  it('that refuses is told in its own words, with what to do, and left alone for as long as it says', async () => {
    const type = 'urn:ietf:params:acme:error:rateLimited';
    refusing(429, { type, detail: 'too many\ncertificates' }, { 'retry-after': '7200' });
    const { message, retryAfterMs } = await refusalOf();
    expect(message).toMatch(/^localhost:\d+ refuses: too many certificates The authority has had enough/);
    expect(retryAfterMs).toBe(7_200_000);
    // Not again and again in the midst of it.
    expect(asked.filter((path) => path === '/account')).toHaveLength(1);
  });

  it.each([
    ['externalAccountRequired', /account that was made at its web site/],
    ['rejectedIdentifier', /no certificate for mcp\.test/],
    ['caa', /CAA record of mcp\.test/],
  ])('that refuses with %s is told with what to do', async (type, expected) => {
    refusing(403, { type: `urn:ietf:params:acme:error:${type}`, detail: 'no' });
    expect((await refusalOf()).message).toMatch(expected);
  });

  it('that says strange things is told as such', async () => {
    for (const body of [{ type: 5 }, {}, { type: 'x', detail: { a: 1 } }]) {
      refusing(500, body);
      expect((await refusalOf()).message).toMatch(/refuses|cannot be asked/);
    }
  });

  it('whose own certificate is not known is not asked', async () => {
    expect((await refusalOf(undefined, { isKnown: false })).message).toMatch(
      /cannot be asked: .*certificate/,
    );
    expect(asked).toEqual([]);
  });

  it('that leads elsewhere is not followed', async () => {
    answer = (_path, res) => {
      res.writeHead(307, { location: `https://localhost:${port()}/elsewhere` }).end();
    };
    await refusalOf();
    expect(asked).not.toContain('/elsewhere');
  });

  it('that is not there is told as such', async () => {
    expect((await refusalOf('https://127.0.0.1:1/dir')).message).toMatch(
      /^127\.0\.0\.1:1 cannot be asked: connect ECONNREFUSED/,
    );
  });

  it('that does not answer is left when the gateway ends', async () => {
    const stop = new AbortController();
    answer = () => stop.abort();
    expect((await refusalOf(undefined, { signal: stop.signal })).message).toContain('cannot be asked');
  });
});

describe('what is kept of an authority', () => {
  it('is for its owner only, and for one directory', async () => {
    const keep = new Keep(folder, 'https://ca.example/a/dir');
    await keep.keepAccount('key');
    expect(await keep.account()).toBe('key');
    expect(await new Keep(folder, 'https://ca.example/b/dir').account()).toBeUndefined();
    expect(existsSync(join(folder, 'tls', 'ca.example_a_dir', 'account.pem'))).toBe(true);
  });
});

describe('Retry-After', () => {
  it('is seconds, or a date', () => {
    expect(millisecondsOf('120')).toBe(120_000);
    expect(millisecondsOf(new Date(Date.now() + 60_000).toUTCString())).toBeGreaterThan(58_000);
    expect(millisecondsOf(new Date(0).toUTCString())).toBe(0);
    for (const none of [undefined, '', 'soon', '-1', ['1']]) expect(millisecondsOf(none)).toBeUndefined();
  });
});

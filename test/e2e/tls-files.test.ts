import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { certify } from '../support/certificates.ts';
import { connectV2 } from '../support/clients.ts';
import { child, type Config, startGateway } from '../support/gateway.ts';
import { fetchLocally, getSecure, peerOf } from '../support/https.ts';
import { freePorts } from '../support/pebble.ts';
import { eventually, temporaryFolder } from '../support/processes.ts';

const NAME = 'mcp.test';

const withTls = (tls: object, more: Config = {}): { config: Config } => ({
  config: { listen: { tls: { redirect: false, ...tls } }, mcpServers: { child: child() }, ...more },
});

describe('a certificate of files', () => {
  it('is replaced when the files are, and the streams that are open go on', async () => {
    using folder = temporaryFolder();
    const { ca: old, ...files } = certify(folder.path);
    await using gateway = await startGateway(withTls(files, { allowedHosts: [NAME] }));
    const { port, token } = gateway;
    const endpoint = `https://${NAME}:${port}/mcp`;
    await using client = await connectV2({ endpoint, token, fetch: fetchLocally(old) }, 'modern');
    let steps = 0;
    const call = client.call(
      'progress',
      { steps: 60, delayMs: 100 },
      { onprogress: () => void (steps += 1) },
    );
    await eventually('the stream has begun', () => steps > 0);
    const { ca: fresh } = certify(folder.path);
    await eventually('the new one is shown', () =>
      peerOf(port, { name: NAME, ca: fresh }).catch(() => false),
    );
    expect(steps).toBeLessThan(60);
    expect((await call).content[0]?.text).toBe('done');
    expect(steps).toBe(60);
  }, 60_000);

  it('stays while the new one is of no use, which is told', async () => {
    using folder = temporaryFolder();
    const { ca: old, ...files } = certify(folder.path);
    await using gateway = await startGateway(withTls(files, { allowedHosts: [NAME] }));
    const other = certify(folder.path, { file: 'other' });
    writeFileSync(files.cert, other.ca);
    const problem = await eventually(
      'the log tells of it',
      () => /"problem":"([^"]*)"/.exec(gateway.program.stderr())?.[1],
    );
    expect(problem).toContain('The key is not that of the certificate');
    const { text } = await getSecure(gateway.port, '/health/ready', { name: NAME, ca: old });
    expect(JSON.parse(text)).toMatchObject({
      status: 'ready',
      certificates: [{ name: NAME, state: 'not renewed' }],
    });
  }, 60_000);

  it('is one of several, by the name that a client asks for', async () => {
    using folder = temporaryFolder();
    const { ca: one, ...first } = certify(folder.path, { file: 'one', names: ['one.test'] });
    const { ca: wild, ...second } = certify(folder.path, { file: 'wild', names: ['*.wild.test'] });
    const certificates = [first, second];
    await using gateway = await startGateway(withTls({ certificates }));
    await peerOf(gateway.port, { name: 'any.wild.test', ca: wild });
    await peerOf(gateway.port, { name: 'one.test', ca: one });
  }, 60_000);

  it.each([
    [
      'a file that is not there',
      (files: { cert: string }) => ({ ...files, cert: '/nowhere.pem' }),
      /no such file/,
    ],
    [
      'a key that others may read',
      (files: { key: string }) => (chmodSync(files.key, 0o644), files),
      /chmod 600/,
    ],
    [
      'a file that is no certificate',
      (files: { cert: string; key: string }) => ({ ...files, cert: files.key }),
      /no certificate in it/,
    ],
  ])('is no start: %s', async (_what, change, expected) => {
    using folder = temporaryFolder();
    const { cert, key } = certify(folder.path);
    const files = change({ cert, key });
    await expect(startGateway(withTls(files))).rejects.toThrow(expected);
  });

  it('with few days left is told of', async () => {
    using folder = temporaryFolder();
    const { ca, ...files } = certify(folder.path, { days: 3 });
    await using gateway = await startGateway(withTls(files, { allowedHosts: [NAME] }));
    expect(gateway.program.stderr()).toContain('about to expire');
    const { text } = await getSecure(gateway.port, '/health/ready', { name: NAME, ca });
    expect(JSON.parse(text)).toMatchObject({ status: 'degraded', certificates: [{ state: 'expiring' }] });
  }, 60_000);
});

describe('what is spoken', () => {
  const hasSslscan = spawnSync('sh', ['-c', 'command -v sslscan']).status === 0;
  if (!hasSslscan) console.warn('NOT TESTED: what sslscan thinks of TLS, since it is not here.');

  it.skipIf(!hasSslscan)(
    'is TLS 1.2 and 1.3, with ciphers that stand (sslscan)',
    async () => {
      using folder = temporaryFolder();
      const { cert, key } = certify(folder.path);
      const files = { cert, key };
      await using gateway = await startGateway(withTls(files));
      const { stdout } = await promisify(execFile)('sslscan', [
        '--no-colour',
        '--no-heartbleed',
        `--sni-name=${NAME}`,
        `127.0.0.1:${gateway.port}`,
      ]);
      expect(
        Object.fromEntries(
          [...stdout.matchAll(/^(SSLv\d|TLSv1\.\d)\s+(\w+)$/gm)].map(([, version, state]) => [
            version,
            state,
          ]),
        ),
      ).toEqual({
        SSLv2: 'disabled',
        SSLv3: 'disabled',
        'TLSv1.0': 'disabled',
        'TLSv1.1': 'disabled',
        'TLSv1.2': 'enabled',
        'TLSv1.3': 'enabled',
      });
      const ciphers = [...stdout.matchAll(/^(?:Preferred|Accepted)\s+TLSv1\.\d\s+\d+ bits\s+(\S+)/gm)].map(
        ([, cipher]) => cipher ?? '',
      );
      expect(ciphers.length).toBeGreaterThan(3);
      for (const cipher of ciphers)
        expect(cipher).toMatch(/^(TLS_|ECDHE-\w+-)(AES\w*[-_]?\w*[-_]GCM|CHACHA20)/);
    },
    60_000,
  );

  it('has HSTS in every answer, and nothing for who speaks no TLS or takes his time', async () => {
    using folder = temporaryFolder();
    const { ca, ...files } = certify(folder.path);
    await using gateway = await startGateway(
      withTls(files, { allowedHosts: [NAME], timeouts: { headers: '1s' } }),
    );
    for (const path of ['/health', '/nothing', '/mcp'])
      expect(
        (await getSecure(gateway.port, path, { name: NAME, ca })).headers['strict-transport-security'],
      ).toBe('max-age=31536000');
    expect(await closing(gateway.port, `GET /health HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`)).not.toContain('200');
    expect(await closing(gateway.port, '')).toBe('');
    const silent = connectTls({ host: '127.0.0.1', port: gateway.port, servername: NAME, ca });
    await once(silent.resume(), 'close');
    const slow = connectTls({ host: '127.0.0.1', port: gateway.port, servername: NAME, ca }, () =>
      slow.write('GET / HT'),
    );
    const closed = await new Promise<string>((resolve) => {
      let received = '';
      slow.setEncoding('utf8').on('data', (piece: string) => (received += piece));
      slow.on('error', () => {}).on('close', () => resolve(received));
    });
    expect(closed).toContain('408');
  }, 60_000);
});

describe('http beside https', () => {
  it('leads to a host of the configuration, whatever it is asked for', async () => {
    using folder = temporaryFolder();
    const { cert, key } = certify(folder.path);
    const files = { cert, key };
    const [http = 0] = await freePorts(1);
    await using gateway = await startGateway(
      withTls(
        { ...files, redirect: `127.0.0.1:${http}` },
        { publicUrl: 'https://mcp.example.com', allowedHosts: ['mcp.internal:8443'] },
      ),
    );
    expect(gateway.endpoint).toBe('https://mcp.example.com/mcp');
    const location = async (line: string, host: string): Promise<string | undefined> => {
      const answer = await closing(http, `${line} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 308 /);
      return /^location: (.*)\r$/im.exec(answer)?.[1];
    };
    expect(await location('GET /mcp?a=b', 'mcp.example.com')).toBe('https://mcp.example.com/mcp?a=b');
    expect(await location('POST /mcp', 'MCP.internal:80')).toBe('https://mcp.internal/mcp');
    expect(await location('GET /mcp', 'evil.example')).toBe('https://mcp.example.com/mcp');
    expect(await location('GET //evil.example/', 'evil.example')).toBe(
      'https://mcp.example.com//evil.example/',
    );
    expect(await location('GET http://evil.example/x', 'evil.example')).toBe('https://mcp.example.com/');
    expect(await location('OPTIONS *', 'mcp.example.com@evil.example')).toBe('https://mcp.example.com/');
    expect(await location('GET /"<', 'x')).toMatch(/^https:\/\/mcp\.example\.com\/[\x21-\x7e]+$/);
    expect(await closing(http, 'GET /.well-known/acme-challenge/x HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 404 /,
    );
  }, 60_000);
});

/** What comes for these bytes until the other side closes. */
function closing(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    let received = '';
    socket.setEncoding('latin1').on('data', (piece: string) => (received += piece));
    socket.on('error', () => {}).on('close', () => resolve(received));
  });
}

describe('a gateway with TLS that is told to stop', () => {
  it('does not wait for connections on which nothing was asked, or is under way', async () => {
    using folder = temporaryFolder();
    const { ca, ...files } = certify(folder.path);
    await using gateway = await startGateway(withTls(files, { allowedHosts: [NAME] }));
    const secure = { host: '127.0.0.1', port: gateway.port, servername: NAME, ca };
    const [unasked, idle] = [connectTls(secure), connectTls(secure)];
    await Promise.all([once(unasked, 'secureConnect'), once(idle, 'secureConnect')]);
    idle.write(`GET /health HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`);
    await once(idle, 'data');
    for (const socket of [unasked, idle]) socket.on('error', () => {}).resume();
    const began = performance.now();
    expect(await gateway.stop()).toMatchObject({ code: 0 });
    // Far less than the ten seconds that calls under way are given.
    expect(performance.now() - began).toBeLessThan(8000);
  }, 60_000);
});

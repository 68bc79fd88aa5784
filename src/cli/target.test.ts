import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingTerminal, type RecordingTerminal } from '../../test/support/terminal.ts';
import { writeEndpoint } from './endpoint-file.ts';
import { resolveTarget } from './target.ts';
import { openToken } from './token.ts';

let home: string;
let io: RecordingTerminal;
let token: string;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'sallyport-target-'));
  io = recordingTerminal({ env: { SALLYPORT_HOME: home } });
  token = await openToken(home);
  await writeEndpoint(home, { endpoint: 'http://127.0.0.1:8080/mcp', pid: process.pid, auth: 'token' });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('resolveTarget', () => {
  it('is the gateway that runs here, with the token of this home', async () => {
    const target = await resolveTarget({}, io);
    expect(target.url.href).toBe('http://127.0.0.1:8080/mcp');
    expect(target.token).toBe(token);
  });

  it('takes the token of this home to every endpoint of its gateway', async () => {
    const target = await resolveTarget({ url: 'http://127.0.0.1:8080/servers/net/mcp' }, io);
    expect(target.token).toBe(token);
  });

  it.each([
    'http://127.0.0.1:8081/mcp',
    'https://127.0.0.1:8080/mcp',
    'http://localhost:8080/mcp',
    'http://127.0.0.1.example.com:8080/mcp',
    'https://mcp.example.com/mcp',
  ])('does not take the token of this home to %s', async (url) => {
    await expect(resolveTarget({ url }, io)).resolves.toMatchObject({ token: null });
  });

  it('prefers what is said on the command line', async () => {
    await expect(resolveTarget({ token: 'other' }, io)).resolves.toMatchObject({ token: 'other' });
  });

  it('shows no token to a gateway that asks for none', async () => {
    await writeEndpoint(home, { endpoint: 'http://127.0.0.1:8080/mcp', pid: process.pid, auth: 'none' });
    await expect(resolveTarget({}, io)).resolves.toMatchObject({ token: null });
  });

  it('says how to start or name one where none runs', async () => {
    rmSync(home, { recursive: true });
    await expect(resolveTarget({}, io)).rejects.toMatchObject({
      exitCode: 5,
      message: `no gateway is running from ${home}`,
    });
    await expect(resolveTarget({ url: 'http://127.0.0.1:9/mcp' }, io)).resolves.toMatchObject({
      token: null,
    });
  });

  it('completes an address without a path', async () => {
    const { url } = await resolveTarget({ url: 'http://127.0.0.1:9000' }, io);
    expect(url.href).toBe('http://127.0.0.1:9000/mcp');
  });

  it.each(['nonsense', 'file:///etc/passwd', '127.0.0.1:8080', ''])('refuses --url %j', async (url) => {
    await expect(resolveTarget({ url }, io)).rejects.toMatchObject({ exitCode: 2 });
  });
});

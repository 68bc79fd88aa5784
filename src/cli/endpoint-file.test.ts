import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEndpoint, removeEndpoint, type RunningGateway, writeEndpoint } from './endpoint-file.ts';

let home: string;
let path: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sallyport-endpoint-'));
  path = join(home, 'endpoint.json');
});
afterEach(() => rmSync(home, { recursive: true }));

const running: RunningGateway = {
  endpoint: 'http://127.0.0.1:8080/mcp',
  pid: process.pid,
  auth: 'token',
};

describe('the endpoint file', () => {
  it('is read back as it was written, and is its owner’s alone', async () => {
    await writeEndpoint(home, running);
    await expect(readEndpoint(home)).resolves.toEqual(running);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(home)).toEqual(['endpoint.json']);
  });

  it('is null where no gateway has run', async () => {
    await expect(readEndpoint(home)).resolves.toBeNull();
    await removeEndpoint(home, process.pid);
  });

  it('is null where the gateway died', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await writeEndpoint(home, { ...running, pid });
    await expect(readEndpoint(home)).resolves.toBeNull();
  });

  it('names the gateway that started last, and outlives the end of an earlier one', async () => {
    await writeEndpoint(home, { ...running, pid: process.ppid, endpoint: 'http://127.0.0.1:1/mcp' });
    await writeEndpoint(home, running);
    await removeEndpoint(home, process.ppid);
    await expect(readEndpoint(home)).resolves.toEqual(running);
    await removeEndpoint(home, process.pid);
    await expect(readEndpoint(home)).resolves.toBeNull();
  });

  it.each([
    'no json',
    '[]',
    '{}',
    '{"endpoint":"nowhere","pid":1,"auth":"token"}',
    '{"endpoint":"http://a/","pid":-1,"auth":"token"}',
    '{"endpoint":"http://a/","pid":1,"auth":"maybe"}',
  ])('is null where it holds %s', async (text) => {
    writeFileSync(path, text, { mode: 0o600 });
    await expect(readEndpoint(home)).resolves.toBeNull();
  });

  it('is refused where somebody else could have written it: a token is sent to what it says', async () => {
    await writeEndpoint(home, running);
    chmodSync(path, 0o666);
    await expect(readEndpoint(home)).rejects.toThrow('others may use');
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pending } from '../config/template.ts';
import type { ServerConfig } from '../config/schema.ts';
import { type CallOptions, command, handle, callOf, made, open, setUp, by, tick } from './testing.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((servers) => servers.stop()));
  vi.useRealTimers();
});

const own: ServerConfig = {
  ...command('files', { args: ['--as', pending('principal.user')] }),
  env: { KEY: pending('header:x-api-key') },
} as ServerConfig;

const withKey = (key: string, user = 'alice'): CallOptions => ({
  principal: user,
  user,
  passed: new Map([['x-api-key', key]]),
});

describe('a server that is started with what its caller brings', () => {
  it('gets it, and nobody else’s', async () => {
    const { servers, started } = setUp([own]);
    await made(servers, withKey('k1'));
    await made(servers, withKey('k2', 'bob'));
    expect(started.map(({ config, secrets }) => [config, secrets])).toMatchObject([
      [{ args: ['--as', 'alice'], env: { KEY: 'k1' } }, ['k1']],
      [{ args: ['--as', 'bob'], env: { KEY: 'k2' } }, ['k2']],
    ]);
  });

  it('is another process for each value, of the same user too, and the same for the same', async () => {
    const { servers } = setUp([own]);
    const pids = [];
    for (const key of ['k1', 'k2', 'k1']) pids.push(by(await made(servers, withKey(key))));
    expect(pids).toEqual([1, 2, 1]);
  });

  it('says nothing of the values in its state, nor in what it keeps lists by', async () => {
    const { servers } = setUp([own]);
    await made(servers, withKey('canary-of-the-key'));
    expect(JSON.stringify(servers.states())).not.toContain('canary-of-the-key');
    expect(servers.get('files')?.view(callOf(withKey('canary-of-the-key')))).not.toContain('canary');
  });

  it('is not started without them: the caller hears what to bring', async () => {
    const { servers, processes } = setUp([own]);
    expect(await made(servers, { principal: 'alice', user: 'alice' })).toMatchObject({
      error: { message: expect.stringContaining('Send the header x-api-key.') as string },
    });
    expect(await made(servers, { ...withKey('k1'), user: undefined })).toMatchObject({
      error: { message: expect.stringContaining('Its login has no user.') as string },
    });
    void servers.warm('alice');
    await tick();
    expect(processes).toEqual([]);
    expect(servers.states()[0]).toMatchObject({ state: 'idle' });
  });

  it('is not started with a value that would become an option', async () => {
    const { servers, processes } = setUp([own]);
    expect(by(await made(servers, withKey('k1', '--config=/etc/passwd')))).toBe('caller_lacks');
    expect(processes).toEqual([]);
  });

  it('fails for whoever brings what is wrong, and for nobody else', async () => {
    const { servers } = setUp([own]);
    void handle(servers, callOf(withKey('wrong')));
    await tick(20_000);
    expect(by(await made(servers, withKey('wrong')))).toBe('server_start_failed');
    expect(by(await made(servers, withKey('right')))).toBeTypeOf('number');
  });
});

import { describe, expect, it, vi } from 'vitest';
import { rules } from '../config/rules.ts';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { JsonObject } from '../core/json.ts';
import { result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import type { Upstream, Upstreams } from '../core/upstream.ts';
import { Authorization } from './authorize.ts';
import { permitted, type Permissions } from './permitted.ts';
import { compileRules } from './rule.ts';

function upstream(name: string) {
  return {
    name,
    describe: vi.fn<Upstream['describe']>(() =>
      Promise.resolve({ info: {}, capabilities: {}, instructions: undefined }),
    ),
    handle: vi.fn<Upstream['handle']>(() => Promise.resolve(result({ from: name }))),
    view: () => name,
    watch: vi.fn<Upstream['watch']>(() => Promise.resolve(() => {})),
  };
}

function call(method: string, params: JsonObject = {}): Call {
  return {
    id: '1',
    principal: { id: 'a', via: 'token', user: 'alice' },
    client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
    scope: undefined,
    method,
    params,
    meta: undefined,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
  };
}

function setUp(permissions: Permissions) {
  const [files, git] = [upstream('files'), upstream('git')];
  const servers: Upstreams = {
    all: () => [files, git],
    get: (name) => [files, git].find((each) => each.name === name),
    onListChanged: () => {},
    onViewEnded: () => {},
    onResourceUpdated: () => {},
    onTaskStatus: () => {},
  };
  let current = permissions;
  const house = permitted(servers, () => current);
  return { files, git, house, change: (next: Permissions) => void (current = next) };
}

const byRules = (...written: object[]): Permissions => ({
  authorization: new Authorization(compileRules(rules.parse(written))),
  limits: undefined,
});
const READERS = {
  effect: 'allow',
  users: 'alice',
  servers: 'files',
  tools: 'read',
  resources: 'file:///srv/*',
};

describe('the servers behind their rules', () => {
  it('are the same ones, under the same names', () => {
    const { house } = setUp(byRules());
    expect(house.all().map(({ name }) => name)).toEqual(['files', 'git']);
    expect(house.get('git')).toBe(house.all()[1]);
    expect(house.get('other')).toBeUndefined();
  });

  it('never hear of what is not allowed', async () => {
    const { house, files, git } = setUp(byRules(READERS));
    expect(await house.get('files')?.handle(call('tools/call', { name: 'read' }))).toMatchObject({
      kind: 'result',
    });
    expect(await house.get('files')?.handle(call('tools/call', { name: 'write' }))).toMatchObject({
      error: { status: 403 },
    });
    expect(files.handle).toHaveBeenCalledTimes(1);
    await house.get('git')?.handle(call('tools/list'));
    expect(await house.get('git')?.describe(call('tools/call', { name: 'read' }))).toMatchObject({
      status: 403,
    });
    expect(await house.get('files')?.watch(call('subscriptions/listen'), 'file:///etc/x')).toBeUndefined();
    expect(await house.get('files')?.watch(call('subscriptions/listen'), 'file:///srv/x')).toBeTypeOf(
      'function',
    );
    for (const silent of [git.handle, git.describe, git.watch]) expect(silent).not.toHaveBeenCalled();
  });

  it('that may be used for one thing may be described', async () => {
    const { house } = setUp(byRules(READERS));
    expect(await house.get('files')?.describe(call('server/discover'))).toHaveProperty('capabilities');
  });

  it('tell everybody when the rules are others', () => {
    const { house } = setUp(byRules());
    const heard: object[] = [];
    house.onListChanged((change) => heard.push(change));
    house.announce();
    expect(heard).toHaveLength(6);
    expect(heard).toContainEqual({ server: 'git', principal: undefined, kind: 'tools' });
  });

  it('are open again when the rules are gone', async () => {
    const { house, change } = setUp(byRules());
    const ask = () => house.get('git')?.handle(call('tools/call', { name: 'x' }));
    expect(await ask()).toMatchObject({ kind: 'failure' });
    change({ authorization: undefined, limits: undefined });
    expect(await ask()).toMatchObject({ kind: 'result' });
  });
});

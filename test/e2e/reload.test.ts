import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { child, type Config, type Gateway, startGateway } from '../support/gateway.ts';
import { callTool, modern, post, Session, textOf } from '../support/http.ts';
import { eventually } from '../support/processes.ts';
import { connectClient } from '../support/versions/clients.ts';
import { VERSIONS } from '../support/versions/messages.ts';

const BEFORE: Config = {
  mcpServers: { kept: child('--name', 'kept'), changed: child('--name', 'before'), dropped: child() },
};
const AFTER: Config = {
  mcpServers: { kept: child('--name', 'kept'), changed: child('--name', 'after'), added: child() },
};

let gateway: Gateway;
beforeEach(async () => {
  gateway = await startGateway({ config: BEFORE });
});
afterEach(() => gateway?.stop());

interface Identity {
  name: string;
  pid: number;
}

async function identityOf(server: string): Promise<Identity> {
  return JSON.parse(textOf(await callTool(gateway, `${server}__whoami`)) ?? '{}') as Identity;
}

async function servers(): Promise<string[]> {
  const { tools } = (await modern(gateway, 'tools/list')).last.result as { tools: { name: string }[] };
  return [...new Set(tools.map(({ name }) => name.split('__', 1)[0] ?? ''))].sort();
}

/** A client of each version that listens to what it can. */
async function listenersOfEveryVersion(): Promise<AsyncDisposable & { heardOfTools(): Promise<void> }> {
  const target = { base: gateway.origin, authorization: `Bearer ${gateway.token}` };
  const clients = await Promise.all(VERSIONS.map((version) => connectClient(version, target)));
  await Promise.all(clients.map((client) => client.listen('child://note')));
  return {
    async heardOfTools() {
      await eventually('everybody is told', () =>
        clients.every(({ heard }) =>
          heard.some(({ method }) => method === 'notifications/tools/list_changed'),
        ),
      );
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    },
  };
}

const WAYS: readonly (readonly [string, (config: Config | string) => void])[] = [
  [
    'SIGHUP',
    (config) => {
      gateway.writeConfig(config);
      gateway.program.child.kill('SIGHUP');
    },
  ],
  ['an edit of the file', (config) => gateway.writeConfig(config)],
];

describe.each(WAYS)('a reload by %s', (_way, reload) => {
  it('restarts what changed, starts what is new, ends what is gone, keeps the rest', async () => {
    const kept = await identityOf('kept');
    const changed = await identityOf('changed');
    const session = await Session.open(gateway);
    const slow = session.call('kept__echo', { text: 'over the reload', delayMs: 1500 });
    expect(await servers()).toEqual(['changed', 'dropped', 'kept']);

    reload(AFTER);
    await eventually('the new server is there', async () => (await servers()).includes('added'));

    expect(await servers()).toEqual(['added', 'changed', 'kept']);
    expect(await identityOf('kept')).toEqual(kept);
    const now = await identityOf('changed');
    expect(now.name).toBe('after');
    expect(now.pid).not.toBe(changed.pid);
    // The sessions live on, and so do the calls in them.
    expect(textOf(await slow)).toBe('over the reload');
    expect(textOf(await session.call('kept__echo', { text: 'same session' }))).toBe('same session');
    expect((await callTool(gateway, 'dropped__echo', { text: 'x' })).last.error?.code).toBe(-32602);
  });

  it.each([
    ['is not JSON', '{"mcpServers": {', /sallyport\.json:1:\d+/],
    ['has an unknown key', '{\n  "mcpServer": {}\n}', /sallyport\.json:2:3[\s\S]*mcpServers/],
    ['has a server without a command', '{"mcpServers": {"kept": {}}}', /sallyport\.json:1:\d+/],
  ])('of a file that %s is refused with its message, and serving goes on', async (_what, broken, message) => {
    const kept = await identityOf('kept');
    const before = gateway.program.stderr().length;
    reload(broken);
    await eventually('the message is in the log', () =>
      message.test(gateway.program.stderr().slice(before).replaceAll('\\n', '\n')),
    );
    expect(await identityOf('kept')).toEqual(kept);
    expect(await servers()).toEqual(['changed', 'dropped', 'kept']);
    // And the next good one is taken.
    reload(AFTER);
    await eventually('the new server is there', async () => (await servers()).includes('added'));
  });
});

describe('a reload', () => {
  it('tells clients of every version that the lists have changed', async () => {
    await using listeners = await listenersOfEveryVersion();
    gateway.writeConfig(AFTER);
    await listeners.heardOfTools();
  });

  it('of a file that is the same does nothing', async () => {
    const kept = await identityOf('kept');
    gateway.program.child.kill('SIGHUP');
    await new Promise((settle) => setTimeout(settle, 500));
    expect(await identityOf('kept')).toEqual(kept);
    expect(await servers()).toEqual(['changed', 'dropped', 'kept']);
  });

  it('ten times in a row ends with the last one', async () => {
    for (let round = 0; round < 10; round += 1) {
      gateway.writeConfig({ mcpServers: { kept: child('--name', 'kept'), [`round_${round}`]: child() } });
      gateway.program.child.kill('SIGHUP');
      await new Promise((settle) => setTimeout(settle, 30));
    }
    await eventually('the last one is there', async () => (await servers()).join() === 'kept,round_9');
    expect((await post(gateway, {})).status).toBe(400);
  });
});

describe('a server that died and came back', () => {
  it('may have other lists, and clients of every version are told so', async () => {
    await using listeners = await listenersOfEveryVersion();
    const { pid } = await identityOf('kept');
    process.kill(pid, 'SIGKILL');
    await listeners.heardOfTools();
    expect((await identityOf('kept')).pid).not.toBe(pid);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { child, type Config, type Gateway, startGateway } from '../support/gateway.ts';
import { begin, callTool, modern, post, Session, textOf } from '../support/http.ts';
import { eventually } from '../support/processes.ts';

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
  it('tells the sessions that the lists have changed', async () => {
    const session = await Session.open(gateway);
    const headers = { ...session.headers, accept: 'text/event-stream' };
    const stream = begin(gateway, { method: 'GET', headers });
    expect(await stream.status).toBe(200);
    gateway.writeConfig(AFTER);
    await eventually('the news is on the stream', () =>
      stream.text().includes('notifications/tools/list_changed'),
    );
    stream.close();
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

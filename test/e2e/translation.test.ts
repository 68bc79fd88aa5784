import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENTS, firstText, type Progress, type TestClient } from '../support/clients.ts';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { eventually } from '../support/processes.ts';

/** What one of either era says must arrive at one of the other: every client in front of every kind of server. */
const SERVERS = ['legacy', 'modern', 'both'] as const;
const CELLS = SERVERS.flatMap((era) => CLIENTS.map(([name, connect]) => ({ era, name, connect })));

describe.each(CELLS)('$name, a server that speaks $era', ({ era, connect }) => {
  let gateway: Gateway;
  let client: TestClient;
  beforeAll(async () => {
    const config = { mcpServers: { child: child('--era', era, '--items', '120', '--page', '25') } };
    gateway = await startGateway({ config });
    client = await connect(gateway);
  });
  afterAll(async () => {
    await client?.close();
    await gateway?.stop();
  });

  it('lists everything, however many pages the server makes of it', async () => {
    expect(await client.tools()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'echo' }),
        expect.objectContaining({ name: 'item_119' }),
      ]),
    );
    expect(await client.prompts()).toHaveLength(121);
    expect(await client.resources()).toHaveLength(121);
    expect(await client.templates()).toHaveLength(121);
  });

  it('lists each thing once and in the order of the server', async () => {
    const names = (await client.prompts()).map(({ name }) => name);
    expect(names).toEqual(['greeting', ...Array.from({ length: 120 }, (_unused, index) => `item_${index}`)]);
  });

  it('calls, gets, reads and completes', async () => {
    expect(firstText(await client.call('echo', { text: 'hello' }))).toBe('hello');
    const { messages } = await client.prompt('greeting', { who: 'Ada' });
    expect(messages).toEqual([{ role: 'user', content: { type: 'text', text: 'Say hello to Ada.' } }]);
    expect((await client.read('child://note')).contents[0]?.text).toBe('A note.');
    expect((await client.read('child://notes/7')).contents[0]?.text).toBe('Note 7.');
    expect(await client.complete('greeting', 'who', 'al')).toEqual(['alice', 'albert']);
  });

  it('sees progress', async () => {
    const seen: Progress[] = [];
    const input = { steps: 4, label: 'step ' };
    await client.call('progress', input, { onprogress: (progress) => void seen.push(progress) });
    expect(seen).toEqual([1, 2, 3, 4].map((n) => ({ progress: n, total: 4, message: `step ${n}` })));
  });

  it('gets the log messages it asked for, and not the milder ones', async () => {
    await client.wantLogs('info');
    await client.call('log', { level: 'debug', data: 'too mild' });
    await client.call('log', { level: 'warning', data: { a: ['b'] } });
    await eventually('the warning has come', () => client.logs.length > 0);
    expect(client.logs).toEqual([expect.objectContaining({ level: 'warning', data: { a: ['b'] } })]);
  });

  it('cancels: the server is told which request, and the others go on', async () => {
    const abort = new AbortController();
    const other = client.call('echo', { text: 'unharmed', delayMs: 300 });
    const hanging = client.call('hang', {}, { signal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    await expect(hanging).rejects.toThrow();
    expect(firstText(await other)).toBe('unharmed');
    const ids = await eventually('the server was told', async () => {
      const cancelled = JSON.parse(firstText(await client.call('cancelled')) ?? '') as unknown[];
      return cancelled.length > 0 ? cancelled : undefined;
    });
    const received = JSON.parse(firstText(await client.call('received')) ?? '') as {
      id: unknown;
      params?: { name?: string };
    }[];
    expect(ids).toEqual(received.filter(({ params }) => params?.name === 'hang').map(({ id }) => id));
  });

  it('gets the errors of the server as they are', async () => {
    const failed = await client.call('fail', { message: 'the tool says no' });
    expect(failed).toMatchObject({ isError: true, content: [{ type: 'text', text: 'the tool says no' }] });
    const input = { code: 4711, message: 'a code of my own', data: { why: ['because'] } };
    await expect(client.call('rpc_error', input)).rejects.toMatchObject({
      code: 4711,
      message: expect.stringContaining('a code of my own') as string,
      data: { why: ['because'] },
    });
    await expect(client.read('child://none')).rejects.toThrow(/child:\/\/none/);
  });
});

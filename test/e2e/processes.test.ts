import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { type Answer, callTool, modern, send, textOf } from '../support/http.ts';
import { eventually, isAlive } from '../support/processes.ts';

let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

async function pidOf(running: Gateway, server = ''): Promise<number> {
  const who = JSON.parse(textOf(await callTool(running, `${server}whoami`)) ?? '') as { pid: number };
  return who.pid;
}

describe('kill -9 of a server under load', () => {
  it('fails the calls in flight at once and clearly, and the next ones work', async () => {
    const running = (gateway = await startGateway({
      config: { mcpServers: { victim: child('--name', 'victim'), other: child('--name', 'other') } },
    }));
    await callTool(running, 'victim__stderr', { text: 'the last words of the victim' });
    const pid = await pidOf(running, 'victim__');

    const bystander = callTool(running, 'other__echo', { text: 'unharmed', delayMs: 800 });
    const inFlight = Array.from({ length: 30 }, (_unused, index) =>
      callTool(running, 'victim__hang', {}, { id: index }),
    );
    await eventually('all of them have reached the server', async () => {
      const text = textOf(await callTool(running, 'victim__received')) ?? '';
      return (text.match(/"hang"/g)?.length ?? 0) >= 30;
    });

    const from = performance.now();
    process.kill(pid, 'SIGKILL');
    const answers = await Promise.all(inFlight);
    expect(performance.now() - from).toBeLessThan(3000);
    answers.forEach((answer, index) => {
      expect(answer.status).toBe(200);
      expect(answer.last.id).toBe(index);
      expect(answer.last.error).toMatchObject({ code: -32603, data: { reason: 'server_exited' } });
      expect(answer.last.error?.message).toContain('SIGKILL');
      expect(answer.text).toContain('the last words of the victim');
    });

    expect(textOf(await callTool(running, 'victim__echo', { text: 'back again' }))).toBe('back again');
    expect(await pidOf(running, 'victim__')).not.toBe(pid);
    expect(textOf(await bystander)).toBe('unharmed');
    expect(isAlive(running.pid)).toBe(true);
  });

  it('every call while it is killed again and again gets its own answer or a clear error', async () => {
    const running = (gateway = await startGateway({ config: { mcpServers: { victim: child() } } }));
    const over = new AbortController();
    const outcomes: Answer[] = [];
    const answered = (): number => outcomes.filter(({ last }) => last.result).length;
    const callers = Array.from({ length: 16 }, async (_unused, caller) => {
      for (let round = 0; !over.signal.aborted; round += 1) {
        const text = `canary ${caller}/${round}`;
        const answer = await callTool(running, 'echo', { text, delayMs: 5 });
        outcomes.push(answer);
        expect(answer.status).toBe(200);
        if (answer.last.error) {
          expect(['server_exited', 'server_start_failed']).toContain(answer.last.error.data?.['reason']);
        } else expect(textOf(answer)).toBe(text);
      }
    });
    for (let kills = 0; kills < 3; kills += 1) {
      const before = answered();
      await eventually('there is load', () => answered() > before + 50);
      const pid = await eventually('there is a server to kill', async () => {
        const answer = await callTool(running, 'whoami');
        return answer.last.result && (JSON.parse(textOf(answer) ?? '') as { pid: number }).pid;
      });
      process.kill(pid, 'SIGKILL');
    }
    over.abort();
    await Promise.all(callers);
    expect(outcomes.filter(({ last }) => last.error).length).toBeGreaterThan(0);
    expect(answered()).toBeGreaterThan(150);
    expect(textOf(await callTool(running, 'echo', { text: 'in the end' }))).toBe('in the end');
  });

  it('a server that ends by itself is told apart by its exit code', async () => {
    const running = (gateway = await startGateway({ config: { mcpServers: { victim: child() } } }));
    const answer = await callTool(running, 'crash', { message: 'out of cheese' });
    expect(answer.last.error?.data).toMatchObject({ reason: 'server_exited', server: 'victim' });
    expect(answer.text).toMatch(/exited with code 3/);
    expect(answer.text).toContain('out of cheese');
  });
});

describe('a server that does not start', () => {
  it.each([
    ['says why', child('--refuse', 'Error: API_KEY is missing'), 'API_KEY is missing'],
    ['is no program', { command: 'no-such-program-anywhere' }, 'no-such-program-anywhere'],
    ['is a folder that is not there', { ...child(), cwd: '/no/such/folder' }, 'cwd'],
  ])('one that %s: the error says it, the others serve, readiness tells', async (_what, broken, said) => {
    const running = (gateway = await startGateway({ config: { mcpServers: { broken, fine: child() } } }));
    const from = performance.now();
    const answer = await callTool(running, 'broken__echo', { text: 'x' });
    expect(performance.now() - from).toBeLessThan(10_000);
    expect(answer.last.error?.data).toMatchObject({ reason: 'server_start_failed', server: 'broken' });
    expect(answer.text).toContain(said);

    expect(textOf(await callTool(running, 'fine__echo', { text: 'served' }))).toBe('served');
    const { tools } = (await modern(running, 'tools/list')).last.result as { tools: { name: string }[] };
    expect(tools.map(({ name }) => name)).toContain('fine__echo');

    const headers = { authorization: undefined };
    const ready = await send(running, { method: 'GET', path: '/health/ready', headers });
    expect(JSON.parse(ready.text)).toMatchObject({
      status: 'degraded',
      servers: [
        { name: 'broken', state: 'failed' },
        { name: 'fine', state: 'ready' },
      ],
    });
    expect(running.program.stderr()).toContain(said);
  });

  it('alone: the gateway runs and says that it is not ready', async () => {
    const running = (gateway = await startGateway({
      config: { mcpServers: { broken: child('--refuse', 'no') } },
    }));
    const headers = { authorization: undefined };
    const ready = await send(running, { method: 'GET', path: '/health/ready', headers });
    expect(ready.status).toBe(503);
    expect((await send(running, { method: 'GET', path: '/health/live', headers })).status).toBe(200);
  });

  it('one that never answers is given up, not waited for', async () => {
    const running = (gateway = await startGateway({
      config: { mcpServers: { mute: child('--mute') }, timeouts: { start: '1s' } },
    }));
    const from = performance.now();
    const answer = await callTool(running, 'echo', { text: 'x' });
    expect(answer.last.error?.data).toMatchObject({ reason: 'server_start_failed' });
    expect(performance.now() - from).toBeLessThan(15_000);
  });
});

describe('a call that takes too long', () => {
  it('is given up, and the server is told', async () => {
    const running = (gateway = await startGateway({
      config: { mcpServers: { child: child() }, timeouts: { call: '1s' } },
    }));
    const answer = await callTool(running, 'hang');
    expect(answer.last.error?.data).toMatchObject({ reason: 'call_timeout' });
    await eventually('it was told', async () => textOf(await callTool(running, 'cancelled')) !== '[]');
  });
});

describe('the end of the gateway', () => {
  it('is clean: exit code 0, nobody of the family left', async () => {
    const running = await startGateway({
      config: { mcpServers: { one: child(), two: child(), stubborn: child('--stubborn') } },
    });
    const pids = [
      ...(await Promise.all(['one__', 'two__', 'stubborn__'].map((server) => pidOf(running, server)))),
      Number(textOf(await callTool(running, 'one__grandchild'))),
      Number(textOf(await callTool(running, 'stubborn__grandchild'))),
    ];
    for (const pid of pids) expect(isAlive(pid)).toBe(true);
    expect(await running.stop()).toEqual({ code: 0, signal: null });
    for (const pid of pids) await eventually(`process ${pid} is gone`, () => !isAlive(pid), 3000);
  });

  it('lets the calls in flight end, and takes no new ones', async () => {
    const running = await startGateway({ config: { mcpServers: { child: child() } } });
    const slow = callTool(running, 'echo', { text: 'answered to the end', delayMs: 700 });
    await eventually('it has reached the server', async () =>
      textOf(await callTool(running, 'received'))?.includes('answered to the end'),
    );
    running.program.child.kill('SIGTERM');
    expect(textOf(await slow)).toBe('answered to the end');
    expect((await running.stop(20_000)).code).toBe(0);
  });

  it('does not wait for a call that never ends', async () => {
    const running = await startGateway({ config: { mcpServers: { child: child() } } });
    const hanging = callTool(running, 'hang').catch((error: unknown) => error);
    await eventually('it has reached the server', async () =>
      textOf(await callTool(running, 'received'))?.includes('"hang"'),
    );
    const from = performance.now();
    expect((await running.stop(20_000)).code).toBe(0);
    expect(performance.now() - from).toBeLessThan(18_000);
    await hanging;
  });

  it('does not wait for a connection that nobody uses', async () => {
    const running = await startGateway({ config: { mcpServers: { child: child() } } });
    const unused = connect(running.port, '127.0.0.1');
    const idle = new Agent({ keepAlive: true });
    await new Promise((settle) => unused.once('connect', settle));
    await new Promise((settle) => {
      const path = '/health';
      get({ host: '127.0.0.1', port: running.port, path, agent: idle }, (response) => {
        response.resume().once('end', settle);
      });
    });
    const from = performance.now();
    expect(await running.stop(20_000)).toEqual({ code: 0, signal: null });
    expect(performance.now() - from).toBeLessThan(3000);
    unused.destroy();
    idle.destroy();
  });

  it('by kill -9 leaves no servers behind', async () => {
    const running = await startGateway({ config: { mcpServers: { child: child() } } });
    const pid = await pidOf(running);
    running.program.child.kill('SIGKILL');
    await running.program.ended;
    await eventually('the server has seen the end of its input', () => !isAlive(pid));
    await running.stop();
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { CHILD, eventually, isAlive } from '../../../test/support/processes.ts';
import { type Prepared, startPrepared } from './prepared.ts';
import type { Transport } from './transport.ts';

interface Heard {
  readonly transport: Transport;
  readonly reasons: string[];
  readonly left: string[];
  tidied: number;
}

const COMMAND = { command: process.execPath, args: [CHILD, '--stubborn'], env: {} };

/** Starts the child with something around it. */
async function start(around: Partial<Prepared> | Error): Promise<Heard> {
  const heard = { reasons: [] as string[], left: [] as string[], tidied: 0 };
  const transport = await startPrepared(
    async () => {
      if (around instanceof Error) throw around;
      const count = async (): Promise<void> => {
        heard.tidied += 1;
      };
      return { command: COMMAND, tidy: count, ...around };
    },
    {
      lineLimit: 1e6,
      stopMs: 200,
      hide: (text) => text.replaceAll('hunter2', '***'),
      onStderr: () => {},
      onLeft: (problem) => heard.left.push(problem),
    },
    {
      message: () => {},
      overflow: () => {},
      junk: () => {},
      closed: ({ reason }) => heard.reasons.push(reason),
    },
  );
  onTestFinished(() => transport.close());
  return Object.assign(heard, { transport });
}

describe('a prepared command', () => {
  it('is cleared away once, after it is gone', async () => {
    const heard = await start({});
    const pid = heard.transport.pid ?? 0;
    await Promise.all([heard.transport.close(), heard.transport.close()]);
    expect(isAlive(pid)).toBe(false);
    expect(heard.tidied).toBe(1);
    expect(heard.reasons).toHaveLength(1);
  });

  it('is cleared away when it ends by itself, too', async () => {
    const heard = await start({ command: { ...COMMAND, args: ['-e', ''] } });
    await eventually('it is cleared away', () => heard.tidied === 1);
    expect(heard.reasons).toEqual(['it exited with code 0']);
  });

  it('says why it could not be prepared, without secrets', async () => {
    const heard = await start(new Error('no engine answers at tcp://hunter2'));
    expect(heard.reasons).toEqual(['no engine answers at tcp://***']);
    expect(heard.transport.send('{}')).toBe(false);
    await heard.transport.close();
  });

  it('is ended when something else of it cannot be started', async () => {
    const heard = await start({ started: () => Promise.reject(new Error('no way out can be made')) });
    expect(heard.reasons).toEqual(['no way out can be made']);
    expect(heard.tidied).toBe(1);
    expect(isAlive(heard.transport.pid ?? 0)).toBe(false);
  });

  it('tells what it starts besides when it has ended before', async () => {
    const isOver = (over: AbortSignal): Promise<void> =>
      new Promise((_resolve, reject) => {
        over.addEventListener('abort', () => reject(new Error('it has ended before')));
      });
    const heard = await start({ command: { ...COMMAND, args: ['-e', 'process.exit(3)'] }, started: isOver });
    expect(heard.reasons).toEqual(['it exited with code 3']);
  });

  it('tells what could not be cleared away', async () => {
    const heard = await start({ tidy: () => Promise.reject(new Error('a container is left')) });
    await heard.transport.close();
    expect(heard.left).toEqual(['a container is left']);
  });
});

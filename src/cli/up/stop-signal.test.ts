import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type StopSignal, stopSignal, untilAborted } from './stop-signal.ts';

let stop: StopSignal | undefined;
afterEach(() => stop?.release());

/** As the kernel does it, but for the default action, which the listeners replace. */
const send = (signal: NodeJS.Signals): boolean => process.emit(signal, signal);

describe('stopSignal', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('hears %s', async (signal) => {
    stop = stopSignal(() => {});
    const heard = untilAborted(stop.asked);
    expect(stop.asked.aborted).toBe(false);
    send(signal);
    await heard;
    await untilAborted(stop.asked);
    expect(stop.asked.reason).toBe(signal);
  });

  it('takes the doubled Ctrl-C of a launcher for one, and a later one for another', async () => {
    let forced = 0;
    stop = stopSignal(() => (forced += 1));
    send('SIGINT');
    send('SIGINT');
    expect(forced).toBe(0);
    await sleep(350);
    send('SIGTERM');
    expect(forced).toBe(0);
    send('SIGINT');
    expect(forced).toBe(1);
  });

  it('leaves no listener behind', () => {
    const before = process.listenerCount('SIGINT');
    const released = stopSignal(() => {});
    expect(process.listenerCount('SIGINT')).toBe(before + 1);
    released.release();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

import { describe, expect, it } from 'vitest';
import { Cancellation } from './cancellation.ts';

describe('Cancellation', () => {
  it('tells everybody who asked before, once and in their order', () => {
    const cancellation = new Cancellation();
    const heard: string[] = [];
    cancellation.onCancel((reason) => heard.push(`first ${reason}`));
    cancellation.onCancel((reason) => heard.push(`second ${reason}`));
    expect(cancellation.cancelled).toBe(false);
    cancellation.cancel('closed');
    cancellation.cancel('again');
    expect(cancellation.cancelled).toBe(true);
    expect(heard).toEqual(['first closed', 'second closed']);
  });

  it('tells whoever asks later at once, and with the first reason', () => {
    const cancellation = new Cancellation();
    cancellation.cancel('closed');
    cancellation.cancel('again');
    const heard: string[] = [];
    cancellation.onCancel((reason) => heard.push(reason));
    expect(heard).toEqual(['closed']);
  });

  it('forgets nobody who asks while it is telling the others', () => {
    const cancellation = new Cancellation();
    const heard: string[] = [];
    cancellation.onCancel(() => cancellation.onCancel((reason) => heard.push(reason)));
    cancellation.onCancel(() => cancellation.cancel('from within'));
    cancellation.cancel('closed');
    expect(heard).toEqual(['closed']);
  });

  it('is an AbortSignal too, before and after', () => {
    const cancellation = new Cancellation();
    const before = cancellation.signal();
    expect(before.aborted).toBe(false);
    cancellation.cancel('closed');
    for (const signal of [before, cancellation.signal()]) {
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toEqual(new Error('closed'));
    }
  });
});

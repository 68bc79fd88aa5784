import { describe, expect, it } from 'vitest';

import { selfTimes, type CpuProfile } from './profile.ts';

function frame(
  functionName: string,
  url = '',
  lineNumber = 0,
): { functionName: string; url: string; lineNumber: number } {
  return { functionName, url, lineNumber };
}

const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)') },
    { id: 2, callFrame: frame('(idle)') },
    { id: 3, callFrame: frame('parse', 'file:///home/me/sallyport/dist/wire/jsonrpc.js', 9) },
    { id: 4, callFrame: frame('(garbage collector)') },
    // The same function, called from elsewhere.
    { id: 5, callFrame: frame('parse', 'file:///home/me/sallyport/dist/wire/jsonrpc.js', 9) },
  ],
  samples: [2, 3, 5, 4, 3],
  timeDeltas: [1000, 30, 30, 20, 20],
};

describe('selfTimes', () => {
  it('adds up the samples of a function and leaves idle time out', () => {
    expect(selfTimes(PROFILE)).toEqual([
      { where: 'parse dist/wire/jsonrpc.js:10', share: 0.8 },
      { where: '(garbage collector)', share: 0.2 },
    ]);
  });

  it('has no shares of nothing', () => {
    expect(selfTimes({ nodes: PROFILE.nodes, samples: [2], timeDeltas: [5] })).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { ServerSummary } from '../../gateway.ts';
import { createStyle } from '../style.ts';
import { serverLines, summary } from './server-lines.ts';

const plain = createStyle(false);
const net: ServerSummary = { name: 'net', kind: 'builtin', state: 'ready' };
const failed: ServerSummary = {
  name: 'files',
  kind: 'stdio',
  state: 'failed',
  detail: 'The server could not be started. It exited with code 3. It printed:\ncannot find the database',
  stderrTail: ['1', '2', '3', '4', '5', 'cannot find\u001b[2J the database'],
};

describe('serverLines', () => {
  it('lines up the names', () => {
    expect(serverLines(net, 5, plain)).toEqual(['✓ net    builtin, ready']);
  });

  it('says why a server failed and what it printed last, once', () => {
    expect(serverLines(failed, 5, plain)).toEqual([
      '✗ files  The server could not be started. It exited with code 3.',
      '    │ 2',
      '    │ 3',
      '    │ 4',
      '    │ 5',
      '    │ cannot find\\u001b[2J the database',
    ]);
  });

  it('keeps the reason whole where nothing was printed', () => {
    const silent: ServerSummary = { name: 'x', kind: 'stdio', state: 'failed', detail: 'spawn x ENOENT' };
    expect(serverLines(silent, 1, plain)).toEqual(['✗ x  spawn x ENOENT']);
    expect(serverLines({ name: 'x', kind: 'stdio', state: 'failed' }, 1, plain)).toEqual(['✗ x  failed']);
  });

  it('shows one that is not there yet', () => {
    expect(serverLines({ ...net, state: 'starting' }, 3, plain)).toEqual(['… net  builtin, starting']);
  });
});

describe('summary', () => {
  it.each([
    [[], 'Ready, without a server: add one to the config.'],
    [[net], 'Ready: 1 server.'],
    [[net, net], 'Ready: 2 servers.'],
    [[net, failed], 'Ready: 1 of 2 servers.'],
    [[failed], 'Listening, but no server is ready (of 1).'],
  ])('%#: %s', (servers, expected) => {
    expect(summary(servers)).toBe(expected);
  });
});

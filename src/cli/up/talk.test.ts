import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { recordingTerminal } from '../../../test/support/terminal.ts';
import { ConfigError } from '../../config/diagnose.ts';
import { logTalk, screenTalk, type Talk } from './talk.ts';

const REPORT = { added: ['new'], removed: [], changed: [], kept: ['net'], needsRestart: [] };
const BROKEN = new ConfigError(
  [
    {
      severity: 'error',
      message: 'There is no key "lisen" here.',
      file: 'sallyport.yaml',
      line: 1,
      column: 1,
    },
  ],
  [],
);

function play(talk: Talk): void {
  talk.welcome({
    version: '1',
    endpoint: 'http://127.0.0.1:8080/mcp',
    token: 'sp_secret',
    source: './sallyport.yaml',
    guides: [],
    notes: ['a note'],
    warnings: ['a warning'],
  });
  talk.settled({ name: 'net', kind: 'builtin', state: 'ready' });
  talk.ready([
    { name: 'net', kind: 'builtin', state: 'ready' },
    { name: 'slow', kind: 'stdio', state: 'starting' },
  ]);
  talk.reloaded(REPORT);
  talk.refused(BROKEN);
  talk.refused(new Error('the disk is gone'));
  talk.stopping();
}

describe('screenTalk', () => {
  it('tells a person', () => {
    const terminal = recordingTerminal();
    play(screenTalk(terminal, [{ name: 'net' }, { name: 'slow' }]));
    const screen = terminal.err();
    for (const words of [
      'Token     sp_secret',
      '✓ net   builtin, ready',
      '… slow  stdio, starting',
      'Ready: 1 of 2 servers.',
      '+ new',
      'sallyport.yaml:1:1: error: There is no key "lisen" here.',
      'the disk is gone',
      'serving goes on with the one before',
      'Stopping.',
    ]) {
      expect(screen).toContain(words);
    }
    expect(terminal.out()).toBe('');
  });
});

describe('logTalk', () => {
  it('tells programs the same, but for the token, one JSON object a line', () => {
    let written = '';
    play(logTalk(pino({ base: null }, { write: (line: string) => (written += line) })));
    const records = written
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(written).not.toContain('sp_secret');
    expect(records).toEqual(
      [
        { msg: 'listening', endpoint: 'http://127.0.0.1:8080/mcp' },
        { note: 'a note' },
        { warning: 'a warning' },
        { server: 'net', state: 'ready' },
        { msg: 'Ready: 1 of 2 servers.' },
        { msg: 'config reloaded', added: ['new'] },
        { reason: expect.stringContaining('sallyport.yaml:1:1') },
        { reason: 'the disk is gone' },
        { msg: 'stopping' },
      ].map((record) => expect.objectContaining(record)),
    );
  });
});

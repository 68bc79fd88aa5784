import { describe, expect, it } from 'vitest';
import { recordingTerminal } from '../../test/support/terminal.ts';
import { Failure } from './failure.ts';
import { remoteServer } from './remote.ts';

const io = (env: NodeJS.ProcessEnv = {}): ReturnType<typeof recordingTerminal> => recordingTerminal({ env });

describe('a remote server of the command line', () => {
  it('is named after its host', () => {
    expect(remoteServer('https://mcp.example.com/mcp', {}, io())).toEqual({
      name: 'mcp.example.com',
      kind: 'http',
      url: 'https://mcp.example.com/mcp',
      headers: {},
      type: undefined,
    });
    expect(remoteServer('http://[::1]:8080/', {}, io()).name).toBe('1');
  });

  it('takes headers, with colons and blanks in their values', () => {
    const header = ['X-Team: 7', 'X-When:  12:30 ', 'X-Empty:'];
    expect(remoteServer('https://e.com', { header }, io()).headers).toEqual({
      'X-Team': '7',
      'X-When': '12:30',
      'X-Empty': '',
    });
  });

  it('takes the bearer, and else that of the environment', () => {
    const env = { SALLYPORT_TOKEN: 'env' };
    const of = (options: object): unknown => remoteServer('https://e.com', options, io(env)).headers;
    expect(of({ bearer: 'cli' })).toEqual({ Authorization: 'Bearer cli' });
    expect(of({})).toEqual({ Authorization: 'Bearer env' });
  });

  it.each(['no colon', 'bad name: x', ': x', 'X: line\nbreak', 'X: \u{1f512}'])(
    'refuses the header %j',
    (line) => {
      const wrong = (): unknown => remoteServer('https://e.com', { header: [line] }, io());
      expect(wrong).toThrow(Failure);
      // It may be a secret.
      expect(wrong).not.toThrow(line);
    },
  );

  it.each(['ws://e.com', 'e.com', '/mcp', ''])('refuses the URL %j', (url) => {
    expect(() => remoteServer(url, {}, io())).toThrow('not an http:// or https:// URL');
  });

  it('refuses a password in the URL, and does not repeat it', () => {
    const wrong = (): unknown => remoteServer('https://me:canary@e.com', {}, io());
    expect(wrong).toThrow('no user and no password');
    expect(wrong).not.toThrow('canary');
  });

  it('warns where headers go over the network unencrypted', () => {
    const warned = (url: string): string => {
      const terminal = io();
      remoteServer(url, { bearer: 'b' }, terminal);
      return terminal.err();
    };
    expect(warned('http://e.com/mcp')).toContain('unencrypted');
    expect(warned('https://e.com/mcp')).toBe('');
    expect(warned('http://127.0.0.1:1/mcp')).toBe('');
  });
});

import { describe, expect, it } from 'vitest';
import { passageOf } from './environment.ts';

describe("the way of a container's variables", () => {
  it('is the environment of the client', () => {
    expect(passageOf({ API_KEY: 'a', MANY: 'two\nlines' })).toEqual({
      named: { API_KEY: 'a', MANY: 'two\nlines' },
      file: '',
    });
  });

  it.each([
    'PATH',
    'HOME',
    'DOCKER_HOST',
    'HTTPS_PROXY',
    'no_proxy',
    'LD_PRELOAD',
    'CONTAINERS_CONF',
    'GODEBUG',
  ])('is a file for %s, which would change the client itself', (name) => {
    expect(passageOf({ [name]: 'x=y' })).toEqual({ named: {}, file: `${name}=x=y\n` });
  });

  it('is a file for what podman would take for a pattern', () => {
    expect(passageOf({ 'SECRET*': 'x' })).toEqual({ named: {}, file: 'SECRET*=x\n' });
  });

  it('is none for a line break in such a file: it would begin another variable', () => {
    expect(() => passageOf({ HTTPS_PROXY: 'x\nLD_PRELOAD=/evil.so' })).toThrow(/HTTPS_PROXY.*line breaks/);
    expect(() => passageOf({ '#PATH': 'x' })).toThrow();
  });
});

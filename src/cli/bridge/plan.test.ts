import { describe, expect, it } from 'vitest';
import { Failure } from '../failure.ts';
import { type BridgeOptions, type Plan, planOf } from './plan.ts';

const DEFAULTS: BridgeOptions = {
  port: '8000',
  host: '127.0.0.1',
  ssePath: '/sse',
  messagePath: '/message',
  streamableHttpPath: '/mcp',
  logLevel: 'info',
};

function serve(
  options: Partial<BridgeOptions>,
  env: NodeJS.ProcessEnv = {},
): Extract<Plan, { kind: 'serve' }> {
  const plan = planOf({ ...DEFAULTS, stdio: 'node server.js', ...options }, env);
  if (plan.kind !== 'serve') throw new Error('it is not served');
  return plan;
}

describe('--stdio', () => {
  it('serves at the port and paths that supergateway has', () => {
    const plan = serve({});
    expect(plan.settings).toEqual({
      listen: { host: '127.0.0.1', port: 8000 },
      allowedOrigins: [],
      log: { level: 'info' },
    });
    expect(plan.paths).toEqual({ mcp: '/mcp', sse: '/sse', messages: '/message', health: [] });
    expect(plan.notes).toEqual([]);
  });

  it('takes over what the options say', () => {
    const plan = serve({
      port: '1234',
      baseUrl: 'https://mcp.example.com',
      ssePath: '/events',
      healthEndpoint: ['/healthz', '/readyz'],
      cors: ['https://app.example.com'],
      sessionTimeout: '60000',
      protocolVersion: '2024-11-05',
      logLevel: 'none',
    });
    expect(plan.settings).toEqual({
      listen: { host: '127.0.0.1', port: 1234 },
      publicUrl: 'https://mcp.example.com',
      allowedOrigins: ['https://app.example.com'],
      timeouts: { session: 60_000 },
      log: { level: 'silent' },
    });
    expect(plan.paths).toMatchObject({ sse: '/events', health: ['/healthz', '/readyz'] });
    expect(plan.server.protocol).toBe('2024-11-05');
  });

  it.each([
    ['npx -y @scope/server ./my-folder --opt=1', ['npx', '-y', '@scope/server', './my-folder', '--opt=1']],
    ['  uvx   mcp-server-git ', ['uvx', 'mcp-server-git']],
    ['node "my server.js"', ['/bin/sh', '-c', 'node "my server.js"']],
    ['A=1 node x.js', ['/bin/sh', '-c', 'A=1 node x.js']],
    ['node x.js $HOME', ['/bin/sh', '-c', 'node x.js $HOME']],
    ['a | b', ['/bin/sh', '-c', 'a | b']],
  ])('starts %j, with a shell only where there is something for one to do', (line, argv) => {
    const { command, args } = serve({ stdio: line }).server;
    expect([command, ...args]).toEqual(argv);
  });

  it('gives the command the environment it was started in, without what is ours', () => {
    const env = { API_KEY: 'k', SALLYPORT_TOKEN: 't', SALLYPORT_HOME: '/h' };
    expect(serve({}, env).server.env).toEqual({ API_KEY: 'k' });
  });

  it.each([
    [{ cors: true }, 'only pages of this machine'],
    [{ header: ['X: 1'] }, 'left out'],
    [{ oauth2Bearer: 'secret' }, 'left out'],
    [{ stateful: true }, 'changes nothing'],
  ] as const)('says what is different with %j', (options, note) => {
    const { notes, settings } = serve(options);
    expect(notes.join()).toContain(note);
    expect(notes.join()).not.toContain('secret');
    expect(settings['allowedOrigins']).toEqual([]);
  });

  it.each([
    [{ outputTransport: 'ws' }, 'on purpose'],
    [{ outputTransport: 'stdio' }, 'does not go with --stdio'],
    [{ cors: ['*'] }, 'not an origin'],
    [{ cors: ['/example\\.com$/'] }, 'not an origin'],
    [{ ssePath: '/mcp' }, 'same path'],
    [{ healthEndpoint: ['healthz'] }, 'not a path'],
    [{ messagePath: '/m\r\nevent: x' }, 'not a path'],
    [{ port: '80x' }, 'not a whole number'],
    [{ sessionTimeout: '-1' }, 'not a whole number'],
    [{ stdio: ' ' }, 'no command'],
    [{ sse: 'https://e.com' }, 'name one of'],
    [{ stdio: undefined }, 'name one of'],
  ])('refuses %j', (options, reason) => {
    expect(() => serve(options)).toThrow(Failure);
    expect(() => serve(options)).toThrow(reason);
  });
});

describe('a remote server', () => {
  it('is put on stdio', () => {
    const plan = (options: Partial<BridgeOptions>): Plan => planOf({ ...DEFAULTS, ...options }, {});
    expect(plan({ sse: 'https://e.com/sse' })).toMatchObject({ kind: 'connect', transport: 'sse' });
    expect(plan({ streamableHttp: 'https://e.com/mcp', outputTransport: 'stdio' })).toEqual({
      kind: 'connect',
      url: 'https://e.com/mcp',
      transport: 'http',
      notes: [],
    });
    expect(() => plan({ sse: 'https://e.com', outputTransport: 'streamableHttp' })).toThrow('put on stdio');
    expect(() => plan({ sse: 'https://e.com', outputTransport: 'ws' })).toThrow('on purpose');
  });
});

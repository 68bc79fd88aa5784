import { describe, expect, it } from 'vitest';
import { rules as section } from '../config/rules.ts';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { JsonObject } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import { Trail } from '../core/trail.ts';
import { Authorization, decide } from './authorize.ts';
import { compileCondition } from './condition.ts';
import { compileRules, type Target } from './rule.ts';

const ALICE: Principal = {
  id: 'idp#1',
  via: 'jwt',
  user: 'alice',
  email: 'alice@example.com',
  roles: ['dev', 'staff'],
  clientId: 'claude',
  scopes: ['mcp.access'],
};
const BOB: Principal = { id: 'idp#2', via: 'jwt', user: 'bob', scopes: [] };
const CI: Principal = { id: 'token:ci', via: 'token', clientId: 'ci' };

const tool = (name: string, args: JsonObject = {}, server = 'files'): Target => ({
  server,
  kind: 'tool',
  name,
  args,
});

/** How the rules decide, in a word: the rule that allows, `!` and the rule that denies, `+` and the scopes needed. */
function verdict(written: object[], principal: Principal, target: Target): string {
  const decision = decide(compileRules(section.parse(written), compileCondition), principal, target);
  if (decision.allowed) return decision.rule.name;
  return 'needs' in decision ? `+${decision.needs.join(' ')}` : `!${decision.rule?.name ?? ''}`;
}

const allow = (rule: object) => ({ effect: 'allow', ...rule });
const deny = (rule: object) => ({ effect: 'deny', ...rule });

describe('rules', () => {
  it('deny what none of them fits', () => {
    expect(verdict([], ALICE, tool('x'))).toBe('!');
    expect(verdict([allow({ users: 'alice' })], BOB, tool('x'))).toBe('!');
  });

  it('are about somebody: the user or his email, one of his roles, his client', () => {
    for (const who of [
      { users: 'alice' },
      { users: ['bob', 'alice@example.com'] },
      { roles: ['ops', 'dev'] },
      { clients: 'claude' },
      { users: 'alice', roles: 'staff', clients: ['claude', 'cursor'] },
      {},
    ])
      expect(verdict([allow(who)], ALICE, tool('x'))).toBe('rule 1');
    for (const who of [
      { users: 'Alice' },
      { users: 'bob' },
      { roles: 'ops' },
      { clients: 'cursor' },
      { users: 'alice', roles: 'ops' },
    ])
      expect(verdict([allow(who)], ALICE, tool('x'))).toBe('!');
    expect(verdict([allow({ clients: 'ci' })], CI, tool('x'))).toBe('rule 1');
    expect(verdict([allow({ users: 'undefined' })], CI, tool('x'))).toBe('!');
  });

  it('know an email address only where it was verified', () => {
    const written = [allow({ users: 'Boss@example.com' })];
    const liar: Principal = { id: 'idp#3', via: 'jwt', user: 'boss@example.com' };
    expect(verdict(written, liar, tool('x'))).toBe('!');
    expect(verdict(written, { ...liar, user: 'x', email: 'boss@example.com' }, tool('x'))).toBe('rule 1');
    const here: Principal = { id: 'basic:Boss@example.com', via: 'basic', user: 'Boss@example.com' };
    expect(verdict(written, here, tool('x'))).toBe('rule 1');
  });

  it('are about something: a server, and tools, prompts or resources in it', () => {
    const read = [allow({ servers: 'fi*', tools: ['read_*'] })];
    expect(verdict(read, ALICE, tool('read_file'))).toBe('rule 1');
    expect(verdict(read, ALICE, tool('write_file'))).toBe('!');
    expect(verdict(read, ALICE, tool('read_file', {}, 'git'))).toBe('!');
    expect(verdict(read, ALICE, { server: 'files', kind: 'prompt', name: 'read_me' })).toBe('!');
    expect(verdict(read, ALICE, { server: 'files', kind: 'server' })).toBe('rule 1');
    expect(verdict(read, ALICE, { server: 'git', kind: 'server' })).toBe('!');
    const all = [allow({ servers: 'files' })];
    for (const kind of ['tool', 'prompt', 'resource', 'server'] as const)
      expect(verdict(all, ALICE, { server: 'files', kind, name: 'x' })).toBe('rule 1');
  });

  it('are asked in their order, and the first that fits decides', () => {
    const written = [
      deny({ name: 'no delete', tools: 'delete_*' }),
      allow({ name: 'admins', roles: 'ops' }),
      deny({ name: 'no git', servers: 'git' }),
      allow({ name: 'rest' }),
    ];
    expect(verdict(written, ALICE, tool('delete_file'))).toBe('!no delete');
    expect(verdict(written, { ...ALICE, roles: ['ops'] }, tool('delete_file'))).toBe('!no delete');
    expect(verdict(written, ALICE, tool('log', {}, 'git'))).toBe('!no git');
    expect(verdict(written, { ...ALICE, roles: ['ops'] }, tool('log', {}, 'git'))).toBe('admins');
    expect(verdict(written, ALICE, tool('read'))).toBe('rest');
  });

  it('that deny some tools leave the server open', () => {
    const written = [deny({ tools: 'delete_*' }), allow({})];
    expect(verdict(written, ALICE, { server: 'files', kind: 'server' })).toBe('rule 2');
    expect(verdict([deny({ servers: 'files' }), allow({})], ALICE, { server: 'files', kind: 'server' })).toBe(
      '!rule 1',
    );
  });
});

describe('scopes', () => {
  const written = [
    allow({ tools: 'read_*', scopes: 'files.read' }),
    allow({ tools: '*', scopes: ['files.read', 'files.write'] }),
  ];

  it('that are missing are named, all that the call needs and what the token has already', () => {
    expect(verdict(written, ALICE, tool('read_x'))).toBe('+mcp.access files.read');
    expect(verdict(written, ALICE, tool('write_x'))).toBe('+mcp.access files.read files.write');
    expect(verdict(written, { ...ALICE, scopes: ['files.read'] }, tool('write_x'))).toBe(
      '+files.read files.write',
    );
    expect(verdict(written, { ...ALICE, scopes: ['files.write', 'files.read'] }, tool('write_x'))).toBe(
      'rule 2',
    );
  });

  it('are not asked of a token that is for everything', () => {
    expect(verdict(written, CI, tool('write_x'))).toBe('rule 2');
  });

  it('are not promised where they would not help', () => {
    const before = [deny({ tools: 'write_*' }), ...written];
    expect(verdict(before, ALICE, tool('write_x'))).toBe('!rule 1');
    expect(verdict([allow({ users: 'bob', scopes: 'x' })], ALICE, tool('a'))).toBe('!');
    expect(verdict([allow({ scopes: 'x' }), deny({})], ALICE, tool('a'))).toBe('+mcp.access x');
  });
});

describe('a condition', () => {
  const srv = [allow({ tools: '*', when: 'args.path.startsWith("/srv/") && size(args.path) < 100' })];

  it('is about the arguments and the caller', () => {
    expect(verdict(srv, ALICE, tool('read', { path: '/srv/a' }))).toBe('rule 1');
    expect(verdict(srv, ALICE, tool('read', { path: '/etc/passwd' }))).toBe('!');
    const own = [allow({ when: 'args.owner == user.name || "ops" in user.roles || user.client == "ci"' })];
    expect(verdict(own, ALICE, tool('read', { owner: 'alice' }))).toBe('rule 1');
    expect(verdict(own, ALICE, tool('read', { owner: 'bob' }))).toBe('!');
    expect(verdict(own, CI, tool('read', { owner: 'bob' }))).toBe('rule 1');
    expect(verdict([allow({ when: 'args.n > 4 && args.n < 5.5' })], ALICE, tool('read', { n: 5 }))).toBe(
      'rule 1',
    );
  });

  it.each<JsonObject>([{}, { path: 5 }, { path: null }, { path: ['/srv/'] }, { path: { startsWith: true } }])(
    'that cannot be evaluated with %j lets nobody in',
    (args) => {
      expect(verdict(srv, ALICE, tool('read', args))).toBe('!');
      const denies = [deny({ tools: '*', when: '!args.path.startsWith("/srv/")' }), allow({})];
      expect(verdict(denies, ALICE, tool('read', args))).toBe('!rule 1');
    },
  );

  it('that is neither true nor false lets nobody in', () => {
    expect(verdict([allow({ tools: '*', when: 'args.x' })], ALICE, tool('read', { x: 1 }))).toBe('!');
    expect(verdict([deny({ tools: '*', when: 'args.x' }), allow({})], ALICE, tool('read', { x: 1 }))).toBe(
      '!rule 1',
    );
  });

  it.each(['args.path.startsWith(', 'foo == 1', 'process.exit()', '1 + 1', '"text"', 'import("fs")'])(
    '%s is none, and the configuration says so',
    (when) => {
      expect(section.safeParse([allow({ when })]).success).toBe(false);
    },
  );

  it('does not hide what may be called with the right arguments', () => {
    const target: Target = { server: 'files', kind: 'tool', name: 'read' };
    expect(verdict(srv, ALICE, target)).toBe('rule 1');
    expect(verdict([deny({ tools: '*', when: 'args.x == 1' }), allow({})], ALICE, target)).toBe('rule 2');
  });
});

describe('a resource', () => {
  const written = [allow({ resources: 'file:///srv/*' })];
  const verdictOf = (name: string) => verdict(written, ALICE, { server: 'files', kind: 'resource', name });

  it('is known by its URI', () => {
    expect(verdictOf('file:///srv/a/b.txt')).toBe('rule 1');
    expect(verdictOf('file:///srv/a..b')).toBe('rule 1');
    expect(verdictOf('file:///etc/passwd')).toBe('!');
  });

  it.each([
    'file:///srv/../etc/passwd',
    'file:///srv/..',
    'file:///srv/a/../../etc/passwd',
    'file:///srv/%2e%2e/etc/passwd',
    'file:///srv/.%2E/etc/passwd',
    'file:///srv/..%2fetc/passwd',
    'file:///srv/a%2f..%2f..%2fetc/passwd',
    'file:///srv/..\\etc\\passwd',
  ])('%s leads somewhere else', (uri) => {
    expect(verdictOf(uri)).toBe('!');
  });
});

describe('a call', () => {
  const call = (method: string, params: JsonObject, more: Partial<Call> = {}): Call => ({
    id: '1',
    principal: ALICE,
    client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
    scope: undefined,
    method,
    params,
    meta: undefined,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
    ...more,
  });
  const authorization = new Authorization(
    compileRules(
      section.parse([
        allow({ tools: ['read', 'shell'], prompts: 'p*', resources: 'file:///srv/*', servers: 'files' }),
        allow({ tools: 'write', servers: 'files', scopes: 'files.write' }),
      ]),
    ),
  );
  const reasonOf = (method: string, params: JsonObject, server = 'files') =>
    authorization.refusal(call(method, params), server)?.error.data;

  it('goes where it may', () => {
    for (const [method, params] of [
      ['tools/call', { name: 'read', arguments: {} }],
      ['tools/call', { name: 'shell' }],
      ['prompts/get', { name: 'plan' }],
      ['resources/read', { uri: 'file:///srv/x' }],
      ['completion/complete', { ref: { type: 'ref/prompt', name: 'plan' } }],
      ['completion/complete', { ref: { type: 'ref/resource', uri: 'file:///srv/{x}' } }],
      ['tools/list', {}],
      ['server/discover', {}],
    ] as const)
      expect(reasonOf(method, params)).toBeUndefined();
  });

  it('goes nowhere else', () => {
    for (const [method, params] of [
      ['tools/call', { name: 'delete' }],
      ['tools/call', {}],
      ['tools/call', { name: 5 }],
      ['prompts/get', { name: 'other' }],
      ['resources/read', { uri: 'file:///etc/passwd' }],
      ['completion/complete', { ref: { type: 'ref/prompt', name: 'other' } }],
      ['completion/complete', { ref: { type: 'ref/resource', uri: 'file:///etc/{x}' } }],
    ] as const)
      expect(reasonOf(method, params)).toEqual({ reason: 'forbidden' });
    for (const method of ['tools/call', 'tools/list', 'server/discover'])
      expect(reasonOf(method, { name: 'read' }, 'git')).toEqual({ reason: 'forbidden' });
  });

  it('that needs more scopes is told which, and where to get them', () => {
    const made = call('tools/call', { name: 'write' }, { base: 'https://mcp.example.com', scope: 'files' });
    expect(authorization.refusal(made, 'files')?.error).toMatchObject({
      status: 403,
      data: { reason: 'insufficient_scope' },
      challenge:
        'Bearer realm="sallyport", error="insufficient_scope", scope="mcp.access files.write", resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/servers/files/mcp"',
    });
  });

  it('sees in lists what it may use, and what more scopes would open', () => {
    const shown = (method: string, items: JsonObject[]) =>
      items.filter((item) => authorization.shows(call(method, {}), 'files', method, item));
    const tools = ['read', 'write', 'delete'].map((name) => ({ name }));
    expect(shown('tools/list', tools)).toEqual([{ name: 'read' }, { name: 'write' }]);
    expect(shown('prompts/list', [{ name: 'plan' }, { name: 'x' }, {}])).toEqual([{ name: 'plan' }]);
    const resources = [
      { uri: 'file:///srv/a', name: 'a' },
      { uri: 'file:///etc/a', name: 'file:///srv/a' },
    ];
    expect(shown('resources/list', resources)).toEqual([resources[0]]);
    expect(
      shown('resources/templates/list', [{ uriTemplate: 'file:///srv/{a}' }, { uriTemplate: 'x' }]),
    ).toEqual([{ uriTemplate: 'file:///srv/{a}' }]);
  });
});

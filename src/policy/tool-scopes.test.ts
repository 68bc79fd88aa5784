import { describe, expect, it } from 'vitest';
import type { ServerConfig } from '../config/schema.ts';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import { Trail } from '../core/trail.ts';
import { lackOfScope, toolScopesOf } from './tool-scopes.ts';

const SERVERS: ServerConfig[] = [
  { name: 'net', kind: 'builtin', builtin: 'net', options: {} },
  { name: 'watch', kind: 'builtin', builtin: 'security', options: {} },
];

function call(name: string, scopes: readonly string[] | undefined): Call {
  return {
    id: '1',
    principal: { id: 'a', via: 'token', scopes },
    client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
    scope: undefined,
    base: 'https://mcp.example.com',
    method: 'tools/call',
    params: { name },
    meta: undefined,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
  };
}

describe('tools with a scope of their own', () => {
  const scopes = toolScopesOf(SERVERS) ?? new Map<string, never>();
  const lack = (name: string, has: readonly string[] | undefined, server = 'watch') =>
    lackOfScope(scopes, call(name, has), server);

  it('are those of the built-in server, whatever it is called', () => {
    expect([...scopes.keys()]).toEqual(['watch']);
    expect(toolScopesOf(SERVERS.slice(0, 1))).toBeUndefined();
  });

  it('are for tokens that say so, and for no others', () => {
    expect(lack('get_security_audit_log', ['mcp.access', 'audit.read'])).toBeUndefined();
    expect(lack('get_security_audit_log', ['mcp.access'])).toMatchObject({
      kind: 'failure',
      error: {
        status: 403,
        data: { reason: 'insufficient_scope' },
        challenge: expect.stringContaining('scope="mcp.access audit.read"'),
      },
    });
    expect(lack('generate_security_report', undefined), 'a token for everything').toBeDefined();
  });

  it('leave the others alone', () => {
    expect(lack('test_pii_detection', undefined)).toBeUndefined();
    expect(lack('get_security_audit_log', undefined, 'net')).toBeUndefined();
  });
});

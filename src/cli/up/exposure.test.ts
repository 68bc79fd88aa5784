import { describe, expect, it } from 'vitest';
import type { Config } from '../../config/schema.ts';
import { quickstartConfig } from '../../config/start.ts';
import { exposure } from './exposure.ts';

const safe = quickstartConfig();
const found = (change: Partial<Config>, hasToken = true): string =>
  exposure({ ...safe, ...change }, hasToken).join('\n');

describe('exposure', () => {
  it('has nothing to say about the quickstart', () => {
    expect(exposure(safe, true)).toEqual([]);
  });

  it('names a door without a lock', () => {
    expect(found({}, false)).toContain('No authentication');
  });

  it('names an address that others reach, and the missing encryption', () => {
    const listen = { host: '0.0.0.0', port: 8080 };
    expect(found({ listen })).toMatch(/Other machines reach 0\.0\.0\.0[\s\S]*unencrypted/);
    expect(found({ listen, publicUrl: 'https://mcp.example.com' })).not.toContain('unencrypted');
    expect(found({ listen: { host: '::1', port: 8080 } })).toBe('');
  });

  it('names a proxy that is not known to be one', () => {
    const publicUrl = 'https://mcp.example.com';
    expect(found({ publicUrl })).toContain('trustedProxies');
    expect(found({ publicUrl, trustedProxies: ['127.0.0.1'] })).toBe('');
  });

  it('names web pages that may call', () => {
    expect(found({ allowedOrigins: ['https://app.example.com'] })).toContain('https://app.example.com');
  });

  it('names what a built-in server may reach besides the public internet', () => {
    const options = { allow: ['10.0.0.0/8', 'nas.local'] };
    const text = found({ servers: [{ name: 'net', kind: 'builtin', builtin: 'net', options }] });
    expect(text).toBe('net may also reach 10.0.0.0/8, nas.local.');
    expect(
      found({ servers: [{ name: 'net', kind: 'builtin', builtin: 'net', options: { allow: [] } }] }),
    ).toBe('');
  });
});

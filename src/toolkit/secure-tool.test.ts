import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { McpServer } from '@modelcontextprotocol/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { AuditEvent } from '../audit/event.ts';
import { secureTool, type SecureToolOptions } from './secure-tool.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-toolkit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const EMAIL = 'kim.minji@example.com';
const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });
const said = (result: object): string => JSON.stringify(result);

/** A tool that answers what it was given, and what it got to see. */
function echo(options: Partial<SecureToolOptions<unknown>> & Pick<SecureToolOptions<unknown>, 'piiPolicy'>) {
  const seen: object[] = [];
  const events: AuditEvent[] = [];
  const logger = {
    record: (event: AuditEvent): Promise<boolean> => Promise.resolve(events.push(event) > 0),
    close: (): Promise<void> => Promise.resolve(),
  };
  const tool = secureTool(
    (args: { note: string }) => {
      seen.push(args);
      return text(`You said: ${args.note}`);
    },
    { name: 'echo', keyFile: join(folder, 'keys.json'), logAccess: logger, ...options },
  );
  return { seen, events, call: (note: string, extra: unknown = {}) => tool({ note }, extra) };
}

describe('secureTool', () => {
  it('masks what a result holds', async () => {
    const { call, seen } = echo({ piiPolicy: 'mask' });
    const result = await call(`write to ${EMAIL}`);
    expect(said(result)).not.toContain(EMAIL);
    expect(said(result)).toContain('***.*****@*******.***');
    expect(seen).toEqual([{ note: `write to ${EMAIL}` }]);
  });

  it('leaves alone what holds nothing', async () => {
    const { call } = echo({ piiPolicy: 'mask' });
    expect(await call('good morning')).toEqual(text('You said: good morning'));
  });

  it('encrypts results, and decrypts arguments for the handler', async () => {
    const { call, seen } = echo({ piiPolicy: 'encrypt' });
    const first = said(await call(`write to ${EMAIL}`));
    const [envelope = ''] = /⟦EMAIL_ADDRESS:[^⟧]+⟧/.exec(first) ?? [];
    expect(first).not.toContain(EMAIL);
    await call(`again ${envelope}`);
    expect(seen.at(-1)).toEqual({ note: `again ${EMAIL}` });
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
  });

  it('opens for nobody else', async () => {
    const user = (extra: unknown): string => (extra as { user: string }).user;
    const { call, seen } = echo({ piiPolicy: 'encrypt', user });
    const [envelope = ''] = /⟦[^⟧]+⟧/.exec(said(await call(EMAIL, { user: 'alice' }))) ?? [];
    await call(envelope, { user: 'bob' });
    expect(seen.at(-1)).toEqual({ note: envelope });
  });

  it('takes only what is encrypted, where it has to be', async () => {
    const { call, seen, events } = echo({ piiPolicy: 'encrypt', requiresEncryption: true });
    expect(await call(`write to ${EMAIL}`)).toMatchObject({ isError: true });
    expect(seen).toEqual([]);
    expect(events).toMatchObject([
      { outcome: 'denied', action_taken: 'rejected', pii: { EMAIL_ADDRESS: 1 } },
    ]);
  });

  it('rejects arguments, and results', async () => {
    const { call, seen } = echo({ piiPolicy: 'reject' });
    expect(await call(EMAIL)).toMatchObject({ isError: true });
    expect(seen).toEqual([]);
    const leaking = secureTool(() => text(EMAIL), { name: 'leak', piiPolicy: 'reject' });
    const result = await leaking({}, {});
    expect(result).toMatchObject({ isError: true });
    expect(said(result)).not.toContain(EMAIL);
  });

  it('records who, what and how, and no value', async () => {
    const { call, events } = echo({ piiPolicy: 'mask', user: () => 'alice' });
    await call(EMAIL);
    expect(events).toMatchObject([
      { user_id: 'alice', tool_name: 'echo', parameter_count: 1, outcome: 'ok', action_taken: 'forwarded' },
      { action_taken: 'masked', contains_pii: true, pii: { EMAIL_ADDRESS: 1 } },
    ]);
    expect(JSON.stringify(events)).not.toContain(EMAIL);
  });

  it('does not do what it cannot record', async () => {
    const handler = vi.fn(() => text('done'));
    const logAccess = { record: () => Promise.resolve(false), close: () => Promise.resolve() };
    const tool = secureTool(handler, { name: 'pay', piiPolicy: 'mask', logAccess });
    expect(await tool({}, {})).toMatchObject({ isError: true });
    expect(handler).not.toHaveBeenCalled();
  });

  it('lets nothing out when the scan fails', async () => {
    const scan = (): never => {
      throw new Error('broken');
    };
    const engine = { scan, scanKey: scan };
    const tool = secureTool(() => text(EMAIL), { name: 'x', piiPolicy: 'mask', engine });
    await expect(tool({}, {})).rejects.toThrow('broken');
  });

  it('says so when the options contradict each other', () => {
    expect(() =>
      secureTool(() => text(''), { name: 'x', piiPolicy: 'mask', requiresEncryption: true }),
    ).toThrow(/requiresEncryption/);
  });

  it('is a handler of the official SDK', async () => {
    const server = new McpServer({ name: 'x', version: '1' });
    const handler = secureTool(({ name }: { name: string }) => text(`${name}: ${EMAIL}`), {
      name: 'find',
      piiPolicy: 'mask',
    });
    server.registerTool('find', { inputSchema: z.object({ name: z.string() }) }, handler);
    const client = new Client({ name: 'c', version: '1' });
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    await Promise.all([server.connect(theirs), client.connect(ours)]);
    const result = await client.callTool({ name: 'find', arguments: { name: 'Kim' } });
    expect(said(result)).not.toContain(EMAIL);
    await client.close();
  });

  it('keeps a chained log where it is told to', async () => {
    const { fileLogger } = await import('./access-logger.ts');
    const path = join(folder, 'audit', 'audit.jsonl');
    const logger = await fileLogger(path);
    const tool = secureTool(() => text('x'), { name: 'x', piiPolicy: 'mask', logAccess: logger });
    await tool({}, {});
    await logger.close();
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(2);
  });
});

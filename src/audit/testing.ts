import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Batch } from './batch.ts';
import { START } from './chain.ts';
import type { AuditEvent, AuditRecord } from './event.ts';
import { ChainKey } from './chain-key.ts';
import { openKeys } from './keys.ts';
import { AuditWriter, type WriterOptions } from './writer.ts';

/** A call of a tool that went well, but for what the test says. */
export function event(changes: Partial<AuditEvent> = {}): AuditEvent {
  return {
    event_type: 'tool_call',
    id: 'c-1',
    user_id: 'alice',
    client_id: 'claude',
    ip: '192.0.2.1',
    server: 'net',
    method: 'tools/call',
    tool_name: 'net__dns',
    parameter_count: 1,
    outcome: 'ok',
    action_taken: 'forwarded',
    contains_pii: false,
    duration_ms: 1.5,
    ...changes,
  };
}

const first = new Batch(new ChainKey(Buffer.alloc(32)), START);

/** The record of such a call, so many milliseconds after 2026-01-01. */
export function record(changes: Partial<AuditEvent> = {}, ms = 0): AuditRecord {
  first.begin(START);
  return first.add(event(changes), Date.UTC(2026, 0, 1, 12) + ms);
}

/** A folder with a log to write. */
export async function logbook() {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-audit-'));
  const path = join(folder, 'audit.jsonl');
  const keys = await openKeys(join(folder, 'keys'));
  const checkpoints: string[] = [];
  const losses: [number, string][] = [];
  return {
    folder,
    path,
    keys,
    checkpoints,
    losses,
    open: (changes: Partial<WriterOptions> = {}): Promise<AuditWriter> =>
      AuditWriter.open({
        path,
        keys,
        durable: false,
        fileBytes: 1e9,
        checkpoint: (line) => checkpoints.push(line),
        onLoss: (count, reason) => losses.push([count, reason]),
        ...changes,
      }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

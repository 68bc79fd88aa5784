import { describe, expect, it } from 'vitest';
import type { ChildReport, GatewayReport, ServerReport } from '../../admin/report.ts';
import { createStyle } from '../style.ts';
import { displayWidth } from '../text.ts';
import { statusLines } from './status-table.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;

function child(more: Partial<ChildReport> = {}): ChildReport {
  return {
    state: 'ready',
    pid: 4711,
    principal: 'token:default',
    startedAt: NOW - 90 * MINUTE,
    lastUsedAt: NOW - 3 * MINUTE,
    restarts: 0,
    calls: 0,
    parked: false,
    memory: 84_000_000,
    ...more,
  };
}

function server(name: string, more: Partial<ServerReport> = {}): ServerReport {
  return {
    name,
    kind: 'stdio',
    state: 'ready',
    isolation: 'user',
    children: [],
    spares: 0,
    sparePids: [],
    restarts: 0,
    ...more,
  };
}

function lines(servers: readonly ServerReport[], columns = 100): string[] {
  const report: GatewayReport = {
    version: '1.2.3',
    pid: 99,
    endpoint: 'http://127.0.0.1:8080/mcp',
    startedAt: NOW - 26 * 60 * MINUTE,
    memory: 75_000_000,
    sessions: 1,
    capacity: {
      processes: 3,
      waiting: 2,
      limits: { processes: 64, processesPerPrincipal: 16, processesPerServer: 32 },
    },
    servers,
  };
  return statusLines(report, { style: createStyle(false), columns, now: NOW });
}

describe('statusLines', () => {
  it('is a table of servers, with their processes and troubles below', () => {
    const shown = lines([
      server('files', {
        children: [
          child(),
          child({ pid: 5, principal: 'ann', calls: 2, parked: true, restarts: 1, memory: 1_234_000_000 }),
        ],
        spares: 1,
        sparePids: [6],
        spareMemory: 50_000_000,
      }),
      server('linear', { kind: 'http', children: [child({ pid: undefined })] }),
      server('broken', {
        state: 'failed',
        restarts: 5,
        breaker: { state: 'open', cause: 'start', reason: 'x', failures: 6, retryAt: NOW + 8000 },
        lastError: { at: NOW - 2 * MINUTE, message: 'It exited\nwith code 1.' },
      }),
    ]);
    expect(shown).toEqual([
      'Sallyport 1.2.3 at http://127.0.0.1:8080/mcp',
      'pid 99 · up 1 d 2 h · 1 session · 3 of 64 processes · 2 waiting for one · 1 parked call · 75 MB + 1.5 GB in servers',
      '',
      '  SERVER  STATE                   PROCESSES  CALLS  PARKED  RESTARTS  MEMORY',
      '✓ files   ready                 2 + 1 spare      2       1         0  1.4 GB',
      '    pid 4711 · token:default · up 1 h 30 min · idle 3 min · 84 MB',
      '    pid 5 · ann · up 1 h 30 min · 2 calls · parked · 1 restart · 1.2 GB',
      '✓ linear  ready                           -      0       0         0   84 MB',
      '✗ broken  failed, breaker open            0      0       0         5       -',
      '    failed 6 times in a row, next try in 8 s',
      '    2 min ago: It exited with code 1.',
    ]);
  });

  it('shows some of many processes', () => {
    const children = Array.from({ length: 20 }, (_unused, index) => child({ pid: 100 + index }));
    const shown = lines([server('files', { children })]);
    expect(shown.filter((line) => line.includes('pid 1'))).toHaveLength(8);
    expect(shown.at(-1)).toBe('    and 12 more processes');
  });

  it('lets no server steer the terminal, or fill it', () => {
    const message = `\u001b[2J${'x'.repeat(500)}`;
    const shown = lines([server('a', { state: 'failed', lastError: { at: NOW, message } })], 60);
    expect(shown.join('')).not.toContain('\u001b');
    expect(displayWidth(shown.at(-1) ?? '')).toBe(60);
  });

  it('says so when there is nothing', () => {
    expect(lines([]).at(-1)).toBe('There is no server: add one to the config.');
  });
});

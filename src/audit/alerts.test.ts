import { describe, expect, it } from 'vitest';
import { type AlertRule, Alerts, DEFAULT_RULES } from './alerts.ts';
import type { AuditEvent } from './event.ts';
import { record } from './testing.ts';

const MINUTE = 60_000;

/** Which alerts so many equal records set off, one each `stepMs`. */
function fired(
  count: number,
  changes: Partial<AuditEvent>,
  stepMs = 100,
  rules: readonly AlertRule[] = DEFAULT_RULES,
) {
  const alerts = new Alerts(rules);
  return Array.from({ length: count }, (_, i) => alerts.see(record(changes, i * stepMs))).flatMap(
    (found, i) => found.map(({ rule, subject, count: sum }) => ({ rule, subject, count: sum, after: i + 1 })),
  );
}

describe('the rules that are always there', () => {
  it.each<[string, Partial<AuditEvent>, number]>([
    ['pii-volume', { contains_pii: true, pii: { EMAIL_ADDRESS: 3, IBAN: 1 } }, 25],
    ['denied-burst', { outcome: 'denied', action_taken: 'denied' }, 10],
    ['refusal-burst', { event_type: 'refusal' }, 20],
    ['decrypt-burst', { event_type: 'restore' }, 20],
    ['repeated-rejects', { action_taken: 'rejected' }, 5],
  ])('%s fires once, and after how many', (rule, changes, after) => {
    const all = fired(40, changes).filter((alert) => alert.rule === rule);
    expect(all.map((alert) => alert.after)).toEqual([after]);
  });

  it('are silent while people work', () => {
    expect(fired(1000, {})).toEqual([]);
    expect(fired(200, { outcome: 'denied' }, 10_000)).toEqual([]);
  });

  it('count each user alone', () => {
    const alerts = new Alerts(DEFAULT_RULES);
    const all = Array.from({ length: 30 }, (_, i) =>
      alerts.see(record({ outcome: 'denied', user_id: `u${i % 5}` }, i * 10)),
    );
    expect(all.flat()).toEqual([]);
  });

  it('fire again in the next window', () => {
    expect(fired(1300, { outcome: 'denied' }, 100).map(({ rule }) => rule)).toEqual([
      'denied-burst',
      'denied-burst',
      'denied-burst',
    ]);
  });

  it('do not hear themselves', () => {
    expect(fired(100, { event_type: 'alert', outcome: 'denied' })).toEqual([]);
  });
});

describe('a rule of one’s own', () => {
  const FIRST: AlertRule = {
    name: 'new-client',
    when: 'tool:pay__*',
    count: 'events',
    per: 'client',
    threshold: 1,
    windowMs: 1,
    isFirst: true,
  };

  it('about new clients of a tool fires for the first call of each', () => {
    const alerts = new Alerts([FIRST]);
    const clients = ['a', 'b', 'a', 'c', 'b'];
    const all = clients.map((client, i) =>
      alerts
        .see(record({ client_id: client, tool_name: 'pay__out' }, i * MINUTE))
        .map(({ subject }) => subject),
    );
    expect(all).toEqual([['a'], ['b'], [], ['c'], []]);
  });

  it('knows who was there before', () => {
    const alerts = new Alerts([FIRST]);
    alerts.learn(record({ client_id: 'a', tool_name: 'pay__out' }));
    expect(alerts.see(record({ client_id: 'a', tool_name: 'pay__out' }))).toEqual([]);
    expect(alerts.see(record({ client_id: 'a', tool_name: 'pay__in' }))).toHaveLength(1);
  });

  it('about off-hours knows the night', () => {
    const rule: AlertRule = { ...FIRST, name: 'night', isFirst: undefined, outsideHours: [8, 18] };
    const alerts = new Alerts([rule]);
    const at = (hour: number): number =>
      alerts.see({
        ...record({ tool_name: 'pay__out' }),
        timestamp: new Date(2026, 0, 1, hour, 30).toISOString(),
      }).length;
    expect([3, 8, 12, 17, 18, 23].map(at)).toEqual([1, 0, 0, 0, 1, 1]);
  });

  it('remembers only so many, however many addresses there are', () => {
    const alerts = new Alerts([
      { ...FIRST, isFirst: undefined, when: 'event:refusal', per: 'ip', threshold: 2, windowMs: MINUTE },
    ]);
    for (let i = 0; i < 20_000; i++)
      alerts.see(record({ event_type: 'refusal', ip: `10.0.${i >> 8}.${i & 255}` }));
    expect(alerts.see(record({ event_type: 'refusal', ip: '10.0.78.31' }))).toHaveLength(1);
    expect(alerts.see(record({ event_type: 'refusal', ip: '10.0.0.1' }))).toEqual([]);
  });
});

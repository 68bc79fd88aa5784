import { expect, it } from 'vitest';
import { summarise } from './summary.ts';
import { record } from './testing.ts';

it('a summary counts calls, people, tools, personal data, denials and alerts', async () => {
  const summary = await summarise([
    record({}),
    record({ user_id: 'bob', outcome: 'denied', policy: 'no-rule' }),
    record({ contains_pii: true, pii: { IBAN: 2, EMAIL_ADDRESS: 1 } }),
    record({ outcome: 'error' }),
    record({ event_type: 'alert', method: undefined, policy: 'pii-volume' }),
    record({ event_type: 'audit_opened', method: undefined }),
  ]);
  expect(summary).toMatchObject({
    records: 6,
    calls: 4,
    denied: 1,
    errors: 1,
    withPii: 1,
    users: [
      { value: 'alice', count: 3 },
      { value: 'bob', count: 1 },
    ],
    tools: [{ value: 'net__dns', count: 4 }],
    pii: [
      { value: 'IBAN', count: 2 },
      { value: 'EMAIL_ADDRESS', count: 1 },
    ],
    denials: [{ value: 'no-rule', count: 1 }],
    alerts: [{ value: 'pii-volume', count: 1 }],
  });
});

import type { AuditEvent } from '../../audit/event.ts';

/** A breach as the audit log would show it. No values of people are needed for that: the log has none. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** Between two events, in milliseconds. */
  readonly intervalMs: number;
  /** The event number `i`, from 0 on. */
  readonly event: (i: number) => AuditEvent;
}

/** Whoever and whatever acts in them exists nowhere: the address is one for documentation (RFC 5737). */
const CALL: AuditEvent = {
  event_type: 'tool_call',
  id: 'simulated',
  user_id: 'simulated-user',
  client_id: 'simulated-client',
  ip: '192.0.2.1',
  server: 'simulated',
  method: 'tools/call',
  tool_name: 'simulated__read',
  parameter_count: 1,
  outcome: 'ok',
  action_taken: 'forwarded',
  contains_pii: false,
};

const MINUTE = 60_000;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'bulk_export',
    description: 'A user reads record after record of customers, each with an address, a number and a name.',
    intervalMs: 5000,
    event: () => ({ ...CALL, contains_pii: true, pii: { EMAIL_ADDRESS: 1, PHONE_NUMBER: 1, PERSON: 1 } }),
  },
  {
    name: 'slow_export',
    description: 'The same with half a minute between two records, to stay unnoticed.',
    intervalMs: MINUTE / 2,
    event: () => ({ ...CALL, contains_pii: true, pii: { EMAIL_ADDRESS: 1, PHONE_NUMBER: 1, PERSON: 1 } }),
  },
  {
    name: 'permission_probing',
    description: 'A user tries tool after tool that he may not use.',
    intervalMs: 1000,
    event: (i) => ({
      ...CALL,
      tool_name: `simulated__tool_${i}`,
      outcome: 'denied',
      action_taken: 'denied',
      policy: 'forbidden',
    }),
  },
  {
    name: 'token_guessing',
    description: 'An address sends one wrong token after the other.',
    intervalMs: 500,
    event: () => ({
      ...CALL,
      event_type: 'refusal',
      user_id: 'unknown',
      client_id: undefined,
      server: undefined,
      method: undefined,
      tool_name: undefined,
      parameter_count: 0,
      outcome: 'denied',
      action_taken: 'denied',
      policy: 'unauthorized',
    }),
  },
  {
    name: 'mass_decryption',
    description: 'A user has encrypted values put back, call after call.',
    intervalMs: 2000,
    event: () => ({ ...CALL, event_type: 'restore', action_taken: 'restored', parameter_count: 10 }),
  },
  {
    name: 'policy_evasion',
    description: 'A user sends again and again what the guard rejects.',
    intervalMs: 10_000,
    event: () => ({
      ...CALL,
      outcome: 'denied',
      action_taken: 'rejected',
      policy: 'strict',
      contains_pii: true,
      pii: { KR_RRN: 1 },
    }),
  },
];

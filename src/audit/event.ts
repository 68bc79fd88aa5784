/** The version of a record's form: the member `v`. */
export const RECORD_VERSION = 1;

/** What happened, in the words of the log. Never arguments, results, tokens or other values of people. */
export interface AuditEvent {
  /** `tool_call`, `prompt_get`, `resource_read`, `list`, `refusal`, `restore`, `pin`, `alert`, `audit_opened` … */
  readonly event_type: string;
  /** The gateway's own id for the call; in the operational log too. */
  readonly id: string;
  readonly user_id: string;
  readonly client_id?: string | undefined;
  readonly ip?: string | undefined;
  readonly server?: string | undefined;
  readonly method?: string | undefined;
  /** The tool or prompt, as the client calls it. Not a resource's URI: servers put anything into those. */
  readonly tool_name?: string | undefined;
  /** How many arguments there were. What they were is nobody's business here. */
  readonly parameter_count: number;
  readonly outcome: Outcome;
  /** What the gateway did about it: `forwarded`, `denied`, `rate_limited`, `masked`, `rejected` … */
  readonly action_taken: string;
  /** The error's reason or the rule that decided. */
  readonly policy?: string | undefined;
  readonly contains_pii: boolean;
  /** How many values of each type were found. */
  readonly pii?: Readonly<Record<string, number>> | undefined;
  readonly duration_ms?: number | undefined;
}

export type Outcome = 'ok' | 'error' | 'denied' | 'input_required' | 'cancelled';

/** An event in its place in the chain. */
export interface AuditRecord extends AuditEvent {
  readonly v: number;
  /** From 1 on, without a gap over all files of a log. */
  readonly seq: number;
  /** RFC 3339, UTC, to the millisecond. */
  readonly timestamp: string;
  /** The `hash` of the record before; 64 zeros for the first one of all. */
  readonly prev: string;
  /** HMAC-SHA256 over `prev` and everything else, in hexadecimal. */
  readonly hash: string;
}

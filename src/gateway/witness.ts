import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditEvent } from '../audit/event.ts';
import type { AuditRecorder } from '../audit/recorder.ts';
import type { Config } from '../config/schema.ts';
import type { Principal } from '../core/principal.ts';
import type { Logger } from '../telemetry/log.ts';
import { type RefusalWatcher, refusalWatcherOf, watchRefusal } from '../wire/refuse.ts';
import type { Meter } from './meter.ts';

/** Whoever keeps a record of what comes in: the audit log, the access log, both, or nobody. */
export interface Witness {
  readonly recorder: AuditRecorder | undefined;
  /** Sees every request; undefined where nobody looks. */
  readonly observe:
    | ((req: IncomingMessage, res: ServerResponse, address: string | undefined) => void)
    | undefined;
  /** A request was let in as this principal. */
  admitted(res: ServerResponse, principal: Principal): void;
  close(): Promise<void>;
}

/** What is known of one request; where there is a record of refusals, it goes there when it is refused. */
class Seen implements RefusalWatcher {
  readonly #recorder: AuditRecorder | undefined;
  readonly #req: IncomingMessage;
  readonly address: string | undefined;
  principal: Principal | undefined;

  constructor(recorder: AuditRecorder | undefined, req: IncomingMessage, address: string | undefined) {
    this.#recorder = recorder;
    this.#req = req;
    this.address = address;
  }

  refused(reason: string): void {
    if (this.#recorder) recordRefusal(this.#recorder, this.#req, reason, this);
  }
}

/**
 * Opens the logs that the configuration asks for.
 * @param home where the audit log is, when the configuration does not say
 * @param meter counts the requests as well, where something counts
 */
export async function openWitness(
  config: Config,
  home: string | undefined,
  log: Logger,
  meter?: Meter,
): Promise<Witness> {
  const recorder = config.audit && (await openRecorder(config.audit, home, log));
  const access =
    config.accessLog && new (await import('../telemetry/access-log.ts')).AccessLog(config.accessLog.file);
  if (!recorder && !access)
    return meter ? { ...NOBODY, observe: (req, res) => meter.observe(req, res) } : NOBODY;
  return {
    recorder,
    observe(req, res, address) {
      meter?.observe(req, res);
      const one = new Seen(recorder, req, address);
      watchRefusal(res, one);
      access?.watch(req, res, () => accessOf(one));
    },
    admitted(res, principal) {
      const one = refusalWatcherOf(res);
      if (one instanceof Seen) one.principal = principal;
    },
    async close() {
      await recorder?.close();
      await access?.close();
    },
  };
}

const NOBODY: Witness = {
  recorder: undefined,
  observe: undefined,
  admitted() {},
  close: () => Promise.resolve(),
};

async function openRecorder(
  config: NonNullable<Config['audit']>,
  home: string | undefined,
  log: Logger,
): Promise<AuditRecorder> {
  if (home === undefined && config.file === undefined)
    throw new Error('The audit log needs a place: set audit.file in the configuration.');
  const { AuditRecorder: Recorder } = await import('../audit/recorder.ts');
  return Recorder.open(config, home ?? '.', log);
}

/** What never became a call: no token, too many requests, a body that is none. */
function recordRefusal(
  recorder: AuditRecorder,
  req: IncomingMessage,
  reason: string,
  { principal, address }: Seen,
): void {
  const event: AuditEvent = {
    event_type: 'refusal',
    id: `${req.method ?? ''} ${(req.url ?? '').split('?', 1)[0]?.slice(0, 100) ?? ''}`,
    user_id: principal?.user ?? principal?.id ?? 'unknown',
    client_id: principal?.clientId,
    ip: address,
    parameter_count: 0,
    outcome: 'denied',
    action_taken: reason === 'rate_limited' ? 'rate_limited' : 'denied',
    policy: reason,
    contains_pii: false,
  };
  recorder.write(event);
}

function accessOf({ address, principal }: Seen) {
  return {
    user: principal?.user ?? principal?.id,
    email: principal?.email,
    client: principal?.clientId,
    address,
  };
}

import type { AuditConfig } from '../config/audit.ts';
import { alertRules } from './alert-rules.ts';
import { type Alert, Alerts } from './alerts.ts';
import { type CheckpointSink, openSink } from './checkpoint-sink.ts';
import type { AuditEvent, AuditRecord } from './event.ts';
import { openKeys } from './keys.ts';
import { auditPaths } from './paths.ts';
import { readLog } from './read.ts';
import { AuditWriter } from './writer.ts';

/** The little of a logger that is needed. */
interface Log {
  warn(details: object, text: string): void;
  error(details: object, text: string): void;
}

/** Losses are logged once in this time, however many there are. */
const COMPLAIN_MS = 10_000;

/** How a log is doing. */
export interface RecorderState {
  /** Events that wait for the disk. */
  readonly lag: number;
  /** Events that could not be written since the start. */
  readonly lost: number;
  /** The number of the last record. */
  readonly records: number;
  /** How often each rule has fired since the start. */
  readonly alerts: ReadonlyMap<string, number>;
}

/** The audit log of a running gateway: its writer, its checkpoints and its alerts. */
export class AuditRecorder {
  readonly required: boolean;
  readonly #writer: AuditWriter;
  readonly #sink: CheckpointSink;
  readonly #alerts = new Map<string, number>();

  /** @throws when the log cannot be written: a gateway that is to record does not start without */
  static async open(config: AuditConfig, home: string, log: Log): Promise<AuditRecorder> {
    const paths = auditPaths(config, home);
    const alerts = new Alerts(alertRules(config.alerts));
    if (config.alerts.some(({ first }) => first))
      for await (const record of readLog(paths.log)) alerts.learn(record);
    const keys = await openKeys(paths.keys);
    const sink = openSink(paths.checkpoints, (reason) =>
      log.error({ reason }, 'a checkpoint was not written'),
    );
    const opened: { recorder?: AuditRecorder } = {};
    let complainedAt = -Infinity;
    const writer = await AuditWriter.open({
      path: paths.log,
      keys,
      durable: config.required,
      fileBytes: config.fileSize,
      checkpoint: (line) => sink.write(line),
      onLoss(count, reason) {
        if (performance.now() - complainedAt < COMPLAIN_MS) return;
        complainedAt = performance.now();
        log.error({ count, reason }, 'events were not recorded');
      },
      onRecord(record) {
        const { recorder } = opened;
        for (const alert of alerts.see(record))
          if (recorder) recorder.#raise(alert, record, config.webhook, log);
      },
    });
    opened.recorder = new AuditRecorder(config.required, writer, sink);
    return opened.recorder;
  }

  private constructor(required: boolean, writer: AuditWriter, sink: CheckpointSink) {
    this.required = required;
    this.#writer = writer;
    this.#sink = sink;
  }

  get works(): boolean {
    return this.#writer.works;
  }

  /** Events that wait for the disk, and those that were lost. */
  get state(): RecorderState {
    const { lag, lost, head } = this.#writer;
    return { lag, lost, records: head.seq, alerts: this.#alerts };
  }

  write(event: AuditEvent): void {
    this.#writer.write(event);
  }

  record(event: AuditEvent): Promise<boolean> {
    return this.#writer.record(event);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#sink.close();
  }

  #raise(alert: Alert, cause: AuditRecord, webhook: string | undefined, log: Log): void {
    log.warn({ ...alert }, 'alert');
    this.#alerts.set(alert.rule, (this.#alerts.get(alert.rule) ?? 0) + 1);
    this.write({
      event_type: 'alert',
      id: cause.id,
      user_id: cause.user_id,
      client_id: cause.client_id,
      ip: cause.ip,
      parameter_count: alert.count,
      outcome: 'ok',
      action_taken: 'alerted',
      policy: alert.rule,
      contains_pii: false,
    });
    if (webhook !== undefined)
      void post(webhook, alert).catch((error: unknown) => {
        log.error(
          { rule: alert.rule, problem: error instanceof Error ? error.message : 'failure' },
          'no alert was sent',
        );
      });
  }
}

async function post(url: string, alert: Alert): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ event: 'sallyport.alert', ...alert }),
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
}

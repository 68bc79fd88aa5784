import { setTimeout as pause } from 'node:timers/promises';
import type { GatewayReport } from '../../admin/report.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { withGateway } from '../running/gateway.ts';
import { statusLines } from '../running/status-table.ts';
import { createStyle } from '../style.ts';
import type { Terminal } from '../terminal.ts';

/** How often `--watch` looks, in milliseconds. */
const LOOK_MS = 2000;
/** The cursor goes home, and what stands below is cleared: nothing flickers, unlike with an empty screen in between. */
const HOME = '\u001b[H';
const CLEAR_BELOW = '\u001b[J';
const CLEAR_RIGHT = '\u001b[K';
const CLEAR_ALL = '\u001b[2J';

export interface StatusOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

/**
 * `sallyport status`: the gateway that runs here, its servers and their processes. With `--watch` again and again, until
 * it is interrupted or the gateway ends.
 */
export async function status(options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  const show = (report: GatewayReport): unknown => terminal.stdout.write(textOf(report, options, terminal));
  return withGateway(terminal, async (gateway, signal) => {
    if (!options.watch) {
      show(await gateway.status(signal));
      return EXIT.OK;
    }
    if (terminal.data.tty && !options.json) terminal.stdout.write(CLEAR_ALL);
    while (!signal.aborted) {
      const report = await gateway.status(signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      if (report) show(report);
      await pause(LOOK_MS, undefined, { signal }).catch(() => {});
    }
    return EXIT.OK;
  });
}

function textOf(report: GatewayReport, { json, watch }: StatusOptions, { data }: Terminal): string {
  if (json) return `${JSON.stringify(report)}\n`;
  const style = createStyle(data.color);
  const lines = statusLines(report, { style, columns: data.columns, now: Date.now() });
  if (!watch || !data.tty) return `${lines.join('\n')}\n${watch ? '\n' : ''}`;
  return `${HOME}${lines.map((line) => `${line}${CLEAR_RIGHT}\n`).join('')}${CLEAR_BELOW}`;
}

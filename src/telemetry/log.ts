import { pino, type Logger } from 'pino';

export type { Logger };

/**
 * The operational log: to stderr only, since stdout belongs to data. JSON unless a person watches.
 *
 * What may stand in a line: ids, names, sizes, durations, codes. What never does: arguments, results, headers, tokens.
 */
export function createLog(options: { level: string; pretty: boolean }): Logger {
  const settings = {
    level: options.level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return options.pretty
    ? pino(settings, prettyStream())
    : pino(settings, pino.destination({ dest: 2, sync: true }));
}

/** One line a record for a terminal: time, level, what happened, and the rest as `key=value`. */
function prettyStream(): { write(line: string): void } {
  return {
    write(line) {
      const { time, level, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
      const details = Object.entries(rest).map(([key, value]) => `${key}=${show(value)}`);
      process.stderr.write(
        `${[String(time).slice(11, 19), String(level).padEnd(5), msg, ...details].join(' ')}\n`,
      );
    },
  };
}

function show(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
}

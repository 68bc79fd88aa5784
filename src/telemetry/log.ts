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

/** Control characters, line separators, and what turns the direction of text: a line must not steer a terminal. */
const STEERING = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** One line a record for a terminal: time, level, what happened, and the rest as `key=value`. */
function prettyStream(): { write(line: string): void } {
  return {
    write(line) {
      const { time, level, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
      const details = Object.entries(rest).map(([key, value]) => `${key}=${show(value)}`);
      const text = [String(time).slice(11, 19), String(level).padEnd(5), msg, ...details].join(' ');
      process.stderr.write(`${text.replace(STEERING, escaped)}\n`);
    },
  };
}

function show(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

import { isIP } from 'node:net';

/** Text of the file as a value, or what is wrong with it. The text itself is never in the problem. */
export type Reading<T> = { readonly value: T } | Problem;
export interface Problem {
  readonly problem: string;
  readonly hint?: string;
  /** What was to be read is not there. */
  readonly missing?: true;
}

export interface Listen {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

export const DEFAULT_LISTEN: Listen = { host: '127.0.0.1', port: 8080 };

const SIZES: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1000],
  ['mb', 1000 ** 2],
  ['gb', 1000 ** 3],
  ['kib', 1024],
  ['mib', 1024 ** 2],
  ['gib', 1024 ** 3],
]);

const DURATIONS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** The longest a timer of Node can be set to; a longer one would fire at once. */
export const MAX_DURATION = 2 ** 31 - 1;
/** No buffer of Node is larger than this on any platform it runs on. */
export const MAX_SIZE = 2 ** 31 - 1;

/** A number of bytes: `4MiB`, `500kB`, `65536`. */
export function parseSize(text: string | number): Reading<number> {
  const bytes = measure(text, SIZES);
  if (bytes === undefined) {
    return { problem: 'This is not a size.', hint: 'A number and B, kB, KiB, MB, MiB, GB or GiB: 4MiB.' };
  }
  if (!(bytes >= 1 && bytes <= MAX_SIZE)) return { problem: 'A size is at least 1 byte and less than 2GiB.' };
  return { value: Math.floor(bytes) };
}

/** Milliseconds: `30s`, `1.5h`, `250ms`; a bare number is milliseconds too. */
export function parseDuration(text: string | number): Reading<number> {
  const milliseconds = measure(text, DURATIONS);
  if (milliseconds === undefined) {
    return { problem: 'This is not a length of time.', hint: 'A number and ms, s, m, h or d: 30s.' };
  }
  if (!(milliseconds >= 1 && milliseconds <= MAX_DURATION)) {
    return { problem: 'A length of time is at least 1ms and at most 24 days.' };
  }
  return { value: Math.floor(milliseconds) };
}

/** NaN stays NaN: the caller's comparison is written so that it fails. */
function measure(text: string | number, units: ReadonlyMap<string, number>): number | undefined {
  if (typeof text === 'number') return text;
  const [, digits, unit] = /^(\d{1,15}(?:\.\d{1,9})?)\s?([A-Za-z]*)$/.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  const factor = unit ? units.get(unit.toLowerCase()) : 1;
  return factor === undefined ? undefined : Number(digits) * factor;
}

/** How many of something: a whole number, at least 1. */
export function parseCount(text: string | number): Reading<number> {
  const count = typeof text === 'number' ? text : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isInteger(count) && count >= 1 && count <= 1_000_000) return { value: count };
  return { problem: 'This is not a whole number from 1 to 1000000.' };
}

/** `HOST:PORT`, `[IPv6]:PORT` or `PORT`. */
export function parseListen(text: string): Reading<Listen> {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]:|([^:[\]]*):)?(\d{1,5})$/.exec(text.trim()) ?? [];
  if (digits === undefined) {
    return {
      problem: 'This is not an address to listen on.',
      hint: 'HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080, or a port alone.',
    };
  }
  const host = bracketed ?? plain;
  if (host === '') {
    return {
      problem: 'The host before the colon is missing.',
      hint: 'For every address of this machine write 0.0.0.0:PORT.',
    };
  }
  if (bracketed !== undefined && isIP(bracketed) !== 6)
    return { problem: 'Only an IPv6 address stands in brackets.' };
  return checkListen({ host: host ?? DEFAULT_LISTEN.host, port: Number(digits) });
}

/** Is this a host and a port? */
export function checkListen(listen: Listen): Reading<Listen> {
  if (!isHost(listen.host)) return { problem: 'The host is neither a name nor an IP address.' };
  const { port } = listen;
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return { problem: 'A port is a whole number from 0 to 65535.' };
  return { value: listen };
}

/** An IP address, without brackets, or a host name. */
export function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true;
  // Only digits and dots, but no address: a slip such as 127.0.0.
  if (/^[\d.]+$/.test(text) || text.length > 253) return false;
  return text.split('.').every((label) => /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/.test(label));
}

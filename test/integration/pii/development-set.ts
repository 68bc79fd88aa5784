import type { Labelled } from '../../../src/pii/eval.ts';
import { Random } from './random.ts';
import { KOREAN_NAMES, NAMED, NAMELESS, SENTENCES } from './sentences.ts';
import { VALUES } from './values.ts';

/**
 * How a value was written: as it should be; with what people do to it, other separators, blanks, the end of a line; with
 * what machines and evaders do.
 */
export type Noise = 0 | 1 | 2;

const FILLERS = ['', '참고: ', '- ', '[1] ', '1) ', '(a) ', '> ', '| ', '안녕하세요. ', 'Hi, ', 'Bonjour, '];
const ENDS = ['', '', ' (0.3s)', ' (2회)', ' |', ';', '\n', '\n2026-01-31'];

/** Labelled lines of every structured type. */
export function structured(noise: Noise, perType: number, seed = 1): Labelled[] {
  const random = new Random(seed + noise);
  const lines: Labelled[] = [];
  for (const [type, makers] of VALUES)
    for (let i = 0; i < perType; i++) {
      const value = noisy(random.pick(makers)(random), type, noise, random);
      const sentence = random.pick(FILLERS) + random.pick(SENTENCES.get(type) ?? ['{}']) + random.pick(ENDS);
      const start = sentence.indexOf('{}');
      const text = sentence.replace('{}', () => value);
      lines.push({ text, entities: [{ type, start, end: start + value.length }] });
    }
  return lines;
}

/** Korean sentences with names, and as many in which the same words name nobody. */
export function koreanNames(count: number, seed = 7): Labelled[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i): Labelled => {
    if (i % 2 === 1) return { text: random.pick(NAMELESS), entities: [] };
    const name = random.pick(KOREAN_NAMES.surnames) + random.pick(KOREAN_NAMES.given);
    const sentence = random.pick(NAMED);
    const start = sentence.indexOf('{}');
    return {
      text: sentence.replace('{}', name),
      entities: [{ type: 'PERSON', start, end: start + name.length }],
    };
  });
}

function noisy(value: string, type: string, noise: Noise, random: Random): string {
  const isToken = type === 'SECRET' || type === 'EMAIL_ADDRESS';
  if (noise === 0) return value;
  if (noise === 1) return isToken ? value : respaced(value, type, random);
  const changed =
    type === 'SECRET' ? value : random.pick([fullWidth, dashed, hidden, riddled, cut])(value, random);
  return changed;
}

/** Types whose groups people part as they like. */
const PARTED = /^(?:PHONE_NUMBER|KR_RRN|KR_FRN|KR_BRN|KR_DRIVER_LICENSE|CREDIT_CARD|KR_BANK_ACCOUNT)$/;

function respaced(value: string, type: string, random: Random): string {
  // What joins groups everywhere in the value; a number of a plus or a bracket has its own rules.
  const isPlain = /^\d+(?:-\d+)+$/.test(value);
  if (isPlain && PARTED.test(type)) {
    const gap = random.pick(['-', ' - ', '.', '/', ' ']);
    // With blanks alone, or without a word, that is any row of numbers.
    return value.replaceAll('-', gap === ' ' && type !== 'PHONE_NUMBER' ? '-' : gap);
  }
  if (type === 'IBAN' || type === 'FR_NIR') return value.replaceAll(' ', random.pick([' ', '  ', '\u00a0']));
  return value;
}

/** Cut by the end of a line, behind a hyphen. */
function cut(value: string, random: Random): string {
  const hyphens = [...value.matchAll(/-/g)].map(({ index }) => index + 1);
  if (hyphens.length === 0 || !/^[\d+ ()-]+$/.test(value)) return value;
  const at = random.pick(hyphens);
  return `${value.slice(0, at)}\n${value.slice(at)}`;
}

/** Something that cannot be seen behind every character. */
function riddled(value: string, random: Random): string {
  return Array.from(value).join(random.pick(['\u200b', '\u2060']));
}

function fullWidth(value: string): string {
  return value.replace(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfe_e0));
}

function dashed(value: string, random: Random): string {
  return value.replaceAll('-', random.pick(['–', '‐', '−', '－'])).replaceAll(' ', '\u00a0');
}

function hidden(value: string, random: Random): string {
  const at = random.int(1, value.length - 1);
  return value.slice(0, at) + random.pick(['\u200b', '\u00ad', '\u2060']) + value.slice(at);
}

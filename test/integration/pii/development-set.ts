import type { Labelled } from '../../../src/pii/eval.ts';
import { Random } from './random.ts';
import { KOREAN_NAMES, NAMED, NAMELESS, SENTENCES } from './sentences.ts';
import { VALUES } from './values.ts';

/** How a value was written: as it should be, with what people do to it, with what machines and evaders do. */
export type Noise = 0 | 1 | 2;

const FILLERS = ['', '참고: ', '- ', '[1] ', '(a) ', '> ', '안녕하세요. ', 'Hi, ', 'Bonjour, '];

/** Labelled lines of every structured type. */
export function structured(noise: Noise, perType: number, seed = 1): Labelled[] {
  const random = new Random(seed + noise);
  const lines: Labelled[] = [];
  for (const [type, makers] of VALUES)
    for (let i = 0; i < perType; i++) {
      const value = noisy(random.pick(makers)(random), type, noise, random);
      const sentence = random.pick(FILLERS) + random.pick(SENTENCES.get(type) ?? ['{}']);
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
  const changed = type === 'SECRET' ? value : random.pick([fullWidth, dashed, hidden])(value, random);
  return changed;
}

/** Blanks around hyphens, dots for hyphens: what people do. */
function respaced(value: string, type: string, random: Random): string {
  if (type === 'PHONE_NUMBER' && /^0[\d-]+$/.test(value) && value.includes('-'))
    return value.replaceAll('-', random.pick(['.', ' ', ' - ', '-']));
  if (type === 'KR_RRN' || type === 'KR_FRN') return value.replace('-', random.pick([' - ', '-', ' ']));
  return value;
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

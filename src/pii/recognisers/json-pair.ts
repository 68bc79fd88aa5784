import { keyWords } from '../key-words.ts';
import type { AnchorRecogniser, Scan, ValueRecogniser } from '../recogniser.ts';
import { addressValue } from './address.ts';
import { koreanValue } from './person-korean.ts';
import { latinValue } from './person-latin.ts';
import { secretValue } from './secret.ts';

const OF_A_KEY: readonly ValueRecogniser[] = [koreanValue, latinValue, addressValue, secretValue];

const LONGEST_KEY = 40;
/** The quote that a value begins with, which may be escaped in its turn; and the value. */
const VALUE = /\s{0,2}(\\?["'])([^"'\\\n]{2,300})\1/y;

/**
 * JSON within a text, as most tools answer with it: `{"이름": "홍길동"}`. There too the key tells what the value is.
 * Python's quotes and JSON within JSON (`\"name\": \"…\"`) count as well.
 */
export const jsonPair: AnchorRecogniser = {
  anchor: 'colon',
  find(scan, colon) {
    const { text } = scan;
    const quote = text.charAt(colon - 1);
    if (quote !== '"' && quote !== "'") return;
    VALUE.lastIndex = colon + 1;
    const value = VALUE.exec(text)?.[2];
    if (value === undefined) return;
    const isEscaped = text.charAt(colon - 2) === '\\';
    const end = isEscaped ? colon - 2 : colon - 1;
    const begin = text.lastIndexOf(quote, end - 1) + 1;
    if (begin === 0 || end - begin > LONGEST_KEY) return;
    const start = VALUE.lastIndex - value.length - (isEscaped ? 2 : 1);
    const key = keyWords(text.slice(begin, end));
    const inner = within(scan, start, value, key);
    for (const recogniser of OF_A_KEY) if (recogniser.isAbout(key)) recogniser.find(inner);
  },
};

function within(scan: Scan, offset: number, text: string, key: string): Scan {
  return {
    text,
    key,
    report: (type, start, end, score) => scan.report(type, offset + start, offset + end, score),
  };
}

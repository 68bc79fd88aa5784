import { unitsIn } from '../characters.ts';
import { labelEndings } from '../label-endings.ts';
import type { AnchorRecogniser, Scan, ValueRecogniser } from '../recogniser.ts';

const LABEL =
  /(?:주소|주소지|거주지|배송지|본적|소재지|거소|수령지|자택|address|adresse(?: postale| complète| de livraison| de facturation)?|domicile|lives at|residing at|demeurant|home|residence|deliver(?:ed)? to|ship to|address is|location|lieu de résidence)(?:\s?\([^()]{1,12}\))?[ \t\xa0]{0,2}$/i;
const mayBeLabel = labelEndings(
  '주소 소지 주지 송지 본적 거소 령지 자택 address adresse postale complète livraison facturation domicile at demeurant home residence to is location résidence'.split(
    ' ',
  ),
);
/** To the end of the line, or to where the next field begins. */
const VALUE = /[ \t\xa0]{0,4}["'“]{0,1}([^\n\r"”|;<>{}\t]{5,160})/y;
const NEXT_FIELD =
  /(?:\s*[,/|;]\s*|\s{2,}|\.\s+|\s+)(?:전화|연락처|이름|성명|휴대|핸드폰|이메일|메일|우편번호|주민|phone|tel|t[ée]l|e-?mail|courriel|name|nom|mobile|ssn|date|fax)[\p{L} ]{0,12}\s?[:=：]/iu;

const KOREAN =
  /[가-힣]{1,8}(?:특별시|광역시|특별자치시|특별자치도|시|도|군|구|읍|면)\s?[가-힣0-9]{1,12}(?:시|군|구|읍|면|동|리|로|길|가)(?![가-힣]{4})[^.]{0,40}?\d/;
const ENGLISH =
  /\b\d{1,6}[A-Za-z]?\s+(?:[\p{L}0-9.'’-]+\s+){0,5}(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|way|place|pl|square|sq|terrace|parkway|pkwy|highway|hwy|circle|cir|trail|close|crescent|grove|row|broadway|apt|suite|unit)\b|\bp\.?\s?o\.? box \d/iu;
const FRENCH =
  /\b\d{1,5}(?:\s?(?:bis|ter|quater))?,?\s+(?:rue|avenue|av\.?|boulevard|bd\.?|place|chemin|allée|impasse|route|quai|cours|square|passage|villa|sentier|voie|esplanade|lotissement|résidence|faubourg)\s/iu;
/** What a Korean sentence goes on with. */
const ENDING = /\s?(?:입니다|이며|이고|으로|로 보내|에 거주|에 살|에서|이에요|예요)(?![\d]).*$/s;

/** Addresses of places behind a label: 주소: …, Address: …, Adresse : …. */
export const address: AnchorRecogniser = {
  anchor: 'colon',
  find(scan, colon) {
    const { text } = scan;
    if (mayBeLabel(text, colon) && LABEL.test(text.slice(Math.max(0, colon - 32), colon)))
      value(scan, colon + 1);
  },
};

const KOREAN_LABEL = /(?:주소|주소지|거주지|배송지|소재지)$/;
const KOREAN_ENDS = unitsIn('소지');
const KOREAN_GAP = /^(?:은|는|가)?\s(?=[가-힣])(?!주소)/;

/** The same without a colon: 주소는 …, 배송지 서울 …. */
export const koreanAddress: AnchorRecogniser = {
  anchor: 'label',
  find(scan, position) {
    const { text } = scan;
    if (!KOREAN_ENDS.has(text.charCodeAt(position))) return;
    if (!KOREAN_LABEL.test(text.slice(Math.max(0, position - 3), position + 1))) return;
    const gap = KOREAN_GAP.exec(text.slice(position + 1, position + 4));
    if (gap) value(scan, position + 1 + gap[0].length);
  },
};

const KEY =
  /(?:^|\s)(?:address|addr|address line ?\d?|street|street address|adresse|주소|주소지|배송지|거주지|domicile)(?:\s?\d)?$/;

/** The whole value of a JSON key that is about an address. */
export const addressValue: ValueRecogniser = {
  anchor: 'value',
  isAbout: (key) => KEY.test(key),
  find(scan) {
    value(scan, 0);
  },
};

function value(scan: Scan, position: number): void {
  const { text } = scan;
  VALUE.lastIndex = position;
  const rest = VALUE.exec(text)?.[1];
  if (rest === undefined) return;
  const start = VALUE.lastIndex - rest.length;
  const field = rest.split(NEXT_FIELD)[0] ?? rest;
  const isKorean = KOREAN.test(field);
  const place = (
    isKorean ? field.replace(ENDING, '') : (field.split(/[.!?]\s+(?=\p{Lu})/u)[0] ?? field)
  ).replace(/(?:[\s,.]|(?<!\([^()]{1,20})\))+$/, '');
  if (isKorean || ENGLISH.test(place) || FRENCH.test(place))
    scan.report('ADDRESS', start, start + place.length, 0.75);
}

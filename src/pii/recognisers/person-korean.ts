import { unitsIn } from '../characters.ts';
import { labelEndings } from '../label-endings.ts';
import type { AnchorRecogniser, Scan, ValueRecogniser } from '../recogniser.ts';
import { isFullName, isGivenName, isHangul, isSurname, isVeiledName, nameAtStart } from './korean-name.ts';

/** What may stand between a name and 님: 김철수 과장님. */
const TITLE =
  /(?:고객|선생|과장|부장|차장|팀장|대리|대표|사장|회장|이사|실장|교수|박사|기자|작가|변호사|원장|의원|위원|주임|사원|매니저|회원|환자|강사|간호사|감독|기사|소장|국장|본부장|센터장|지점장|담당자|관리자|조교|연구원|목사|신부|스님|선배|여사|전무|상무|부사장)$/;
/** 이모 is an aunt, and in front of 씨 somebody of the house 이. */
const AUNTS = /^[이고숙부사유장]모$/;
/** What may follow 님 and 씨 in the same word. */
const AFTER_HONORIFIC =
  /(?:$|[^가-힣]|께|은|는|이|가|을|를|과|와|의|도|만|에게|한테|으로|로|께서|하고|랑|이랑|까지|부터|처럼|보다|입니다|이며|이고|이라|라고|예요|이에요|이시|이신|이십|측|네|댁|들|및|등|본인|안녕|계좌|연락|이십니까|인가|이세요|세요|일)/y;

/** Names before 님 and 씨: 홍길동님, 홍길동 과장님, 박씨, 김모 씨. The honorific is not part of the name. */
export const honorific: AnchorRecogniser = {
  anchor: 'honorific',
  find(scan, position) {
    const { text } = scan;
    AFTER_HONORIFIC.lastIndex = position + 1;
    if (!AFTER_HONORIFIC.test(text)) return;
    let { start, end, word } = wordBefore(text, position);
    if (word === '') return;
    if (text.charAt(position) === '님') {
      const title = word.search(TITLE);
      if (title >= 0) {
        // 홍길동과장님 in one word, or the name is the word before.
        end = start + title;
        word = word.slice(0, title);
        if (word === '') ({ start, end, word } = wordBefore(text, start));
        // 신임 대표님: of two syllables it is a name too seldom.
        if (word.length > 2 && isFullName(word)) scan.report('PERSON', start, end, 0.8);
        return;
      }
    }
    if (isFullName(word) && !isVeiledName(word))
      scan.report('PERSON', start, end, word.length === 2 ? 0.6 : 0.85);
    else if (isVeiledName(word) && !(text.charAt(position) === '님' && AUNTS.test(word)))
      scan.report('PERSON', start, end, 0.8);
    else if (isGivenName(word)) scan.report('PERSON', start, end, 0.55);
    else if (text.charAt(position) === '씨') surnameOnly(scan, start, end, word);
  },
};

/** What people are called by their work and in letters. `자` and `원`, of 기자 and 의원, are ends of labels as well. */
const ROLE =
  /^ ?(?:과장|부장|차장|팀장|사장|회장|실장|원장|국장|소장|본부장|센터장|지점장|대리|대표|이사|박사|변호사|강사|간호사|기사|여사|교수|선생|귀하|배상|드림|올림|감독|군|양|기자|의원|위원|사원|연구원)$/;
/** A role that is over: behind it comes a particle, or nothing. */
const AFTER_ROLE = /^(?:$|[^가-힣]|께|은|는|이|가|을|를|과|와|의|도|만|에게|한테|으로|로|님|입니다|이며)/;
/** What names of faculties, papers and offices end with. */
const PLACES = /[대과부팀실청계처급직시사회재]$/;

/** Full names before a title: 홍길동 과장, 김철수 귀하. The title is not part of the name. */
export const koreanRole: AnchorRecogniser = {
  anchor: 'role',
  find: inFrontOfRole,
};

const BLANK = 32;
const ROLE_ENDS = unitsIn('자원');

/** The same for titles that end as labels do: 박서준 기자. */
export const koreanRoleOfLabel: AnchorRecogniser = {
  anchor: 'label',
  find(scan, position) {
    if (ROLE_ENDS.has(scan.text.charCodeAt(position))) inFrontOfRole(scan, position);
  },
};

function inFrontOfRole(scan: Scan, position: number): void {
  const { text } = scan;
  // The shortest title is 군, the longest 본부장.
  for (let length = 1; length <= 3; length++) {
    const blank = position - length;
    if (text.charCodeAt(blank) !== BLANK || !ROLE.test(text.slice(blank, position + 1))) continue;
    if (!AFTER_ROLE.test(text.slice(position + 1, position + 4))) return;
    const { start, end, word } = wordBefore(text, blank);
    if (word.length > 2 && isFullName(word) && !PLACES.test(word)) scan.report('PERSON', start, end, 0.6);
    return;
  }
}

/** 박씨, and 김 모 씨 in three words. */
function surnameOnly(scan: Scan, start: number, end: number, word: string): void {
  if (word === '모') {
    const before = wordBefore(scan.text, start);
    if (isSurname(before.word)) scan.report('PERSON', before.start, end, 0.8);
  } else if (isSurname(word)) scan.report('PERSON', start, end, 0.7);
}

/** The age that papers put between: 박모(29)씨. */
const AGE = /\((?:\d{1,3}|[남여][^()]{0,8})\)\s?$/;

/** The run of Hangul that ends at a position, or one blank or an age before it. */
function wordBefore(text: string, position: number): { start: number; end: number; word: string } {
  let end = text.charAt(position - 1) === ' ' ? position - 1 : position;
  if (text.charAt(end - 1) === ')') end -= AGE.exec(text.slice(Math.max(0, end - 12), end))?.[0].length ?? 0;
  let start = end;
  // A longer word is no name; that much more tells that it is longer.
  while (end - start < 8 && isHangul(text, start - 1)) start -= 1;
  return { start, end, word: text.slice(start, end) };
}

const LABELS = (
  '이름 성명 성함 실명 고객명 회원명 예금주명 환자명 담당자명 사용자명 작성자명 신청자명 수령인명 대표자명 본명 담당자 신청자 작성자 환자 대표자 보호자 수신자 발신자 예약자 주문자 ' +
  '구매자 피보험자 예금주 세대주 차주 명의자 고객 수취인 수령인 수신인 발신인 신청인 의뢰인 대리인 임차인 임대인 계약자 당사자 참석자 책임자 보증인 상속인'
).split(' ');
const LABEL = new RegExp(`(?:${LABELS.join('|')})$`);
const mayBeLabel = labelEndings(LABELS);
const HANGUL = /[가-힣]{0,12}/y;

/** The syllables that stand there: a name is among the first of them. */
function hangulFrom(text: string, start: number): string {
  HANGUL.lastIndex = start;
  return HANGUL.test(text) ? text.slice(start, HANGUL.lastIndex) : '';
}

/** What parts a label from its value. A blank alone does for the labels that nobody is called by. */
const GAP = /(?:은|는|이|가)?(?:\s?[:=：|\t]\s?|[은는]\s|\s|\()["'“]?/y;

const AFTER_LABEL = unitsIn('은는이가명');
const CLEAR = /[:=：|\t]/;

/** Names behind labels: 이름: 홍길동, 담당자 김철수, 예금주는 이영희입니다. */
export const koreanLabel: AnchorRecogniser = {
  anchor: 'label',
  find(scan, position) {
    const { text } = scan;
    if (!mayBeLabel(text, position + 1)) return;
    if (isHangul(text, position + 1) && !AFTER_LABEL.has(text.charCodeAt(position + 1))) return;
    if (!LABEL.test(text.slice(Math.max(0, position - 5), position + 1))) return;
    GAP.lastIndex = position + 1;
    if (!GAP.test(text)) return;
    const start = GAP.lastIndex;
    const gap = text.slice(position + 1, start);
    const name = nameAtStart(hangulFrom(text, start));
    if (name === undefined) return;
    const isClear = CLEAR.test(gap) || name.length > 2;
    if (isClear) scan.report('PERSON', start, start + name.length, name.length === 2 ? 0.65 : 0.85);
  },
};

const SHORT_LABEL =
  /(?:^|[^가-힣])(?:담당|받는 ?(?:사람|분|이)|보내는 ?(?:사람|분|이)|보낸 ?사람|수신|발신|작성|글쓴이|지은이|저자|대표|기사|의사|주치의|학생|참석|문의|신청|예약|접수|검토|승인|결재|책임|강사|진행|사회|감독|주연|기자|성 ?명|이 ?름)\s{0,2}$/;
const SPACED = /^([가-힣]) ([가-힣]) ([가-힣])(?![가-힣])/;

/** Names behind labels that need a colon, 담당: 김철수, and names spread out, 이름 : 홍 길 동. */
export const koreanColon: AnchorRecogniser = {
  anchor: 'colon',
  find(scan, colon) {
    const { text } = scan;
    const start = text.charAt(colon + 1) === ' ' ? colon + 2 : colon + 1;
    if (!isHangul(text, start)) return;
    if (!SHORT_LABEL.test(text.slice(Math.max(0, colon - 10), colon))) return;
    const spaced = SPACED.exec(text.slice(start, start + 6));
    if (spaced && isFullName(spaced.slice(1).join(''))) scan.report('PERSON', start, start + 5, 0.75);
    const name = nameAtStart(hangulFrom(text, start));
    if (name !== undefined && name.length > 2) scan.report('PERSON', start, start + name.length, 0.75);
  },
};

const KEY =
  /^(?:.*\s)?(?:이름|성명|성함|실명|.*명의자|고객명?|회원명?|예금주|담당자|신청자|작성자|환자명?|대표자|보호자|수취인|수령인|신청인|.*자명|.*인명|name|full ?name|user ?name|customer(?: name)?|author|owner|contact|person|patient|nom|client|prénom|assignee|recipient|sender|holder|employee|member|attendees?|participants?)$/;

/** The whole value of a JSON key that is about a name. */
export const koreanValue: ValueRecogniser = {
  anchor: 'value',
  isAbout: (key) => KEY.test(key),
  find(scan) {
    const { text } = scan;
    if (text.length > 12 || !isHangul(text, 0)) return;
    const name = nameAtStart(text);
    if (name !== undefined) scan.report('PERSON', 0, name.length, 0.8);
  },
};

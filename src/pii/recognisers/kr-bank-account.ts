import { contextWords } from '../context.ts';
import type { NumberRecogniser } from '../recogniser.ts';
import { isRepdigit } from './checksums.ts';

const WORDS = '계좌 통장 입금 송금 이체 농협 신협 우체국 bank-account account-no account-num compte-bancaire';
const CONTEXT = contextWords(`${WORDS} 예금 은행 수협 새마을 카카오뱅크 케이뱅크 토스뱅크 kr-bank`);

const BANKS =
  '국민 신한 우리 하나 기업 산업 제일 씨티 수협 부산 대구 광주 전북 경남 제주 카카오 케이 토스'.split(' ');
/** For numbers without groups, which may be anything: a bank has to be called by its name. */
const BARE_CONTEXT = contextWords(
  [WORDS, '새마을금고', ...BANKS.flatMap((bank) => [`${bank}-은행`, `${bank}-뱅크`])].join(' '),
);

const NOT_BETWEEN_GROUPS = /[()_]/;
/** Telephones, and a day and a time. */
const MOBILE = /^01[016789]\d{7,8}$/;

/** Accounts at Korean banks: each has a shape of its own, and no checksum, so a word about accounts has to be near. */
export const krBankAccount: NumberRecogniser = {
  anchor: 'number',
  shapes: shapes(),
  find(scan, { start, end, digits, groups, gaps }) {
    if (NOT_BETWEEN_GROUPS.test(gaps) || isRepdigit(digits)) return;
    if (groups.length === 3 && MOBILE.test(digits)) return;
    const context = groups.length === 1 ? BARE_CONTEXT : CONTEXT;
    if (context.areNear(scan, start, end)) scan.report('KR_BANK_ACCOUNT', start, end, 0.62);
  },
};

/** 10 to 14 digits: bare, or in two to four groups, the first of which is a branch. */
function shapes(): string[] {
  const found = ['10', '11', '12', '13', '14'];
  const grow = (groups: readonly number[], total: number): void => {
    if (groups.length >= 2 && total >= 10) found.push(groups.join('-'));
    if (groups.length === 4) return;
    for (let next = groups.length === 0 ? 3 : 1; next <= 8; next++)
      if (total + next <= 14) grow([...groups, next], total + next);
  };
  grow([], 0);
  return found;
}

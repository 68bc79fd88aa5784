import { contextWords } from '../context.ts';
import type { NumberRecogniser } from '../recogniser.ts';

const CONTEXT = contextWords(
  '^ssn$ ^ssns$ ^ss-# ^ss-no$ ^ss-num social 사회보장 sécurité-sociale-américaine taxpayer ^tin$',
);
/** Area 000, 666 and 900 to 999, group 00 and serial 0000 were never given out; nor was the one of a wallet's advertisement. */
const NEVER = /^(?:000|666|9)|^\d{3}00|0000$|^078051120$|^(\d)\1{8}$/;

/** What the groups alone say: as they are printed, and as some type them. */
const WRITTEN: Readonly<Record<string, number>> = { '--': 0.65, '..': 0.5, '  ': 0.5 };

/** US social security numbers, `NNN-NN-NNNN`. */
export const usSsn: NumberRecogniser = {
  anchor: 'number',
  shapes: ['3-2-4', '9'],
  find(scan, { start, end, digits, gaps, crowded }) {
    if (NEVER.test(digits)) return;
    if (CONTEXT.areNear(scan, start, end)) scan.report('US_SSN', start, end, 0.9);
    else if (!crowded) scan.report('US_SSN', start, end, WRITTEN[gaps] ?? 0);
  },
};

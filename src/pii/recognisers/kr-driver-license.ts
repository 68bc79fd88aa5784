import { contextWords } from '../context.ts';
import type { NumberRecogniser } from '../recogniser.ts';

const CONTEXT = contextWords('면허 driv license licence permis');
/** Codes of the regions where licences are given out. */
const REGION = /^(?:1[1-9]|2[0-68])/;
/** Until 2000s the region stood there by name: 서울 12-345678-90. */
const NAMED_REGION =
  /(?:서울|부산|경기|강원|충북|충남|전북|전남|경북|경남|제주|대구|인천|광주|대전|울산)[ -]?$/;

/** Korean driving licences, `RR-YY-NNNNNN-NN`. */
export const krDriverLicense: NumberRecogniser = {
  anchor: 'number',
  shapes: ['2-2-6-2', '12', '2-6-2'],
  find(scan, { start, end, digits, groups, crowded }) {
    if (groups.length === 3) {
      const region = NAMED_REGION.exec(scan.text.slice(Math.max(0, start - 4), start));
      if (region) scan.report('KR_DRIVER_LICENSE', start - region[0].length, end, 0.8);
      return;
    }
    if (!REGION.test(digits)) return;
    if (CONTEXT.areNear(scan, start, end)) scan.report('KR_DRIVER_LICENSE', start, end, 0.9);
    else if (groups.length === 4 && !crowded) scan.report('KR_DRIVER_LICENSE', start, end, 0.6);
  },
};

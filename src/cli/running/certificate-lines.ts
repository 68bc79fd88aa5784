import type { CertificateState } from '../../gateway.ts';
import type { Style } from '../style.ts';
import { oneLine } from '../text.ts';
import { several, time } from './amounts.ts';

/** With fewer days, a person should look. */
const FEW_DAYS = 14;

/** A line for each certificate, and one more where there is trouble with it. */
export function certificateLines(
  certificates: readonly CertificateState[],
  { style, now }: { readonly style: Style; readonly now: number },
): string[] {
  return certificates.flatMap(({ name, source, daysLeft, problem, retryAt }) => {
    const isGood =
      daysLeft !== undefined && (daysLeft >= FEW_DAYS || (source === 'acme' && problem === undefined));
    const left = daysLeft === undefined ? 'none yet' : `${several(Math.max(daysLeft, 0), 'day')} left`;
    const mark = isGood ? style.good('✓') : style.bad('✗');
    const again = retryAt === undefined ? '' : ` (next try in ${time(Math.max(retryAt - now, 0))})`;
    return [
      `${mark} certificate for ${oneLine(name)}: ${left}`,
      ...(problem === undefined ? [] : [style.bad(`    ${oneLine(problem)}${again}`)]),
    ];
  });
}

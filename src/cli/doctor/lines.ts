import type { Verdict } from '../../doctor/check.ts';
import type { Outcome } from '../../doctor/run.ts';
import type { Style } from '../style.ts';
import { oneLine, pad } from '../text.ts';

const NAME_WIDTH = 18;

/** An outcome for people: a line, what it is about, and how to mend it. */
export function outcomeLines({ name, verdict, says, fix, details }: Outcome, style: Style): string[] {
  const isWell = verdict === 'ok' || verdict === 'skip';
  const line = `${paint(verdict, style)(pad(verdict, 4))}  ${pad(name, NAME_WIDTH)}  ${oneLine(says)}`;
  const more = isWell ? [] : (details ?? []).map((each) => style.faint(`      ${oneLine(each)}`));
  return [line, ...more, ...(fix === undefined || isWell ? [] : [`      ${style.link(oneLine(fix))}`])];
}

export function summaryLine(outcomes: readonly Outcome[]): string {
  const count = (verdict: Verdict): number => outcomes.filter((each) => each.verdict === verdict).length;
  return `${count('ok')} well, ${count('warn')} to look at, ${count('fail')} to mend, ${count('skip')} not looked at`;
}

function paint(verdict: Verdict, style: Style): (text: string) => string {
  return { ok: style.good, warn: style.warn, fail: style.bad, skip: style.faint }[verdict];
}

import { evaluate, type Labelled, labelledOf, type Score } from '../../pii/eval.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { type EngineFlags, engineOf } from '../pii-engine.ts';
import { linesOf } from '../pii-input.ts';
import type { Terminal } from '../terminal.ts';
import { pad } from '../text.ts';

/**
 * `sallyport pii eval FILE`: precision and recall of each type on labelled lines,
 * `{"text","entities":[{"type","start","end"}]}`.
 */
export async function evalSet(
  file: string,
  flags: EngineFlags & { readonly json?: boolean; readonly exact?: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const lines: Labelled[] = [];
  for await (const { number, text, json } of linesOf(file, terminal)) {
    if (text.trim() === '') continue;
    const labelled = labelledOf(json);
    if (!labelled)
      throw new Failure(EXIT.FAILED, `line ${number} of ${file} is not labelled`, [
        'each line is {"text": "…", "entities": [{"type": "…", "start": 0, "end": 5}]}',
      ]);
    lines.push(labelled);
  }
  const scores = evaluate(await engineOf(flags, terminal), lines, flags.exact ? 'exact' : 'overlap');
  if (flags.json) terminal.stdout.write(`${JSON.stringify({ lines: lines.length, scores })}\n`);
  else for (const row of table(scores)) terminal.stdout.write(`${row}\n`);
  return EXIT.OK;
}

function table(scores: readonly Score[]): string[] {
  const width = Math.max(4, ...scores.map(({ type }) => type.length));
  const head = `${pad('type', width)}  precision  recall   found  missed   false`;
  return [
    head,
    ...scores.map(
      ({ type, precision, recall, found, missed, false: wrong }) =>
        `${pad(type, width)}      ${precision.toFixed(3)}   ${recall.toFixed(3)}${[found, missed, wrong]
          .map((number) => String(number).padStart(8))
          .join('')}`,
    ),
  ];
}

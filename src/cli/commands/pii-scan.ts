import type { Entity } from '../../pii/entity.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type EngineFlags, engineOf } from '../pii-engine.ts';
import { linesOf } from '../pii-input.ts';
import type { Terminal } from '../terminal.ts';

/**
 * `sallyport pii scan [FILE]`: what is in each line. JSON lines `{"id","text"}` give `{"id","entities"}`; so does plain
 * text with `--json`, the number of the line being the id. Plain text gives places, and never the values.
 */
export async function scan(
  file: string | undefined,
  flags: EngineFlags & { readonly json?: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const engine = await engineOf(flags, terminal);
  for await (const { number, text, json } of linesOf(file, terminal)) {
    const given = json?.['text'];
    const entities = engine.scan(typeof given === 'string' ? given : text).map(plain);
    if (typeof given === 'string')
      terminal.stdout.write(`${JSON.stringify({ id: json?.['id'] ?? number, entities })}\n`);
    else if (flags.json) terminal.stdout.write(`${JSON.stringify({ id: number, entities })}\n`);
    else
      for (const { type, start, end, score } of entities)
        terminal.stdout.write(`${number}:${start + 1}-${end}  ${type}  ${score.toFixed(2)}\n`);
  }
  return EXIT.OK;
}

function plain({ type, start, end, score }: Entity): Entity {
  return { type, start, end, score: Math.round(score * 100) / 100 };
}

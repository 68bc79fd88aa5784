import { DeployError } from '../target.ts';

/** A word of nginx's configuration. Whatever it contains, it ends no directive and begins no other. */
export function word(text: string): string {
  if (/^[\w./:@=+~,*-]+$/.test(text)) return text;
  // nginx has no way to write a dollar in a string that is no variable.
  // oxlint-disable-next-line no-control-regex -- control characters are what must not get into a file of nginx
  if (/[$\x00-\x1f\x7f]/.test(text))
    throw new DeployError(`nginx cannot be told ${JSON.stringify(text)}`, ['choose a name without $']);
  return `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
}

/** Text in single quotes, variables and all. */
export function literal(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

/** Lines, one step further in. */
export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `    ${line}`));
}

/** A block with its braces. */
export function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...indented(lines), '}'];
}

/**
 * How a tool or prompt of one of several servers is named: `<server>__<name>`. A server's name never contains `__`
 * (the config refuses it), so the first one is the border, whatever the server's own names look like.
 */
const BORDER = '__';

export function qualify(server: string, name: string): string {
  return server + BORDER + name;
}

export function unqualify(qualified: string): { server: string; name: string } | undefined {
  const border = qualified.indexOf(BORDER);
  if (border <= 0) return undefined;
  return { server: qualified.slice(0, border), name: qualified.slice(border + BORDER.length) };
}

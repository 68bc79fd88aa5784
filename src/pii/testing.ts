import { createEngine } from './engine.ts';

const engine = createEngine();

/** What the built-in recognisers find, as `TYPE value`, for tables in tests. */
export function finds(text: string, key?: string): string[] {
  return engine.scan(text, key).map(({ type, start, end }) => `${type} ${text.slice(start, end)}`);
}

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FOREIGN_SERVER_KEYS, FOREIGN_TOP_KEYS } from './foreign-keys.ts';
import { ownSchema, publicSchema, type JsonSchema } from './json-schema.ts';

/** Every property in the schema, by its path. */
function propertiesOf(schema: JsonSchema, path = ''): [string, JsonSchema][] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, property]): [string, JsonSchema][] => [
    [`${path}.${key}`, property],
    ...propertiesOf(property, `${path}.${key}`),
  ]);
  const shapes = (schema.anyOf ?? []).flatMap((shape, index) => propertiesOf(shape, `${path}|${index}`));
  const values =
    typeof schema.additionalProperties === 'object'
      ? propertiesOf(schema.additionalProperties, `${path}.*`)
      : [];
  return [...own, ...shapes, ...values];
}

describe('the JSON Schema', () => {
  it('describes every key', () => {
    const properties = propertiesOf(publicSchema());
    expect(properties.length).toBeGreaterThan(100);
    expect(
      properties.filter(([, schema]) => !schema.description?.endsWith('.')).map(([path]) => path),
    ).toEqual([]);
  });

  it('has all keys of the plan', () => {
    const paths = propertiesOf(ownSchema()).map(([path]) => path);
    for (const path of [
      ...'listen publicUrl allowedHosts allowedOrigins mcpServers limits timeouts log'
        .split(' ')
        .map((key) => `.${key}`),
      ...'body line sessions sessionsPerUser connections'.split(' ').map((key) => `.limits.${key}`),
      ...'headers body idle call start stop session'.split(' ').map((key) => `.timeouts.${key}`),
      ...'command args env cwd'.split(' ').map((key) => `.mcpServers.*|0.${key}`),
      ...'url headers'.split(' ').map((key) => `.mcpServers.*|1.${key}`),
      ...'builtin options'.split(' ').map((key) => `.mcpServers.*|2.${key}`),
    ]) {
      expect(paths).toContain(path);
    }
  });

  it('names no key of ours as one that is passed over', () => {
    const { properties = {} } = ownSchema();
    expect(Object.keys(properties).filter((key) => FOREIGN_TOP_KEYS.has(key))).toEqual([]);
    const serverKeys = propertiesOf(ownSchema()).flatMap(
      ([path]) => /^\.mcpServers\.\*\|\d\.(\w+)$/.exec(path)?.[1] ?? [],
    );
    expect(serverKeys.filter((key) => FOREIGN_SERVER_KEYS.has(key))).toEqual([]);
  });

  it('takes what is taken from other clients, and refuses what is refused', () => {
    // zod reads its own JSON Schema back; that is not us checking ourselves with the schema we started from.
    const schema = z.fromJSONSchema(publicSchema() as Parameters<typeof z.fromJSONSchema>[0]);
    const takes = (data: unknown): boolean => schema.safeParse(data).success;
    expect(
      takes({
        mcpServers: { a: { command: 'npx', args: ['-y'], autoApprove: [], disabled: false, '//': 'x' } },
      }),
    ).toBe(true);
    expect(
      takes({ inputs: [], servers: { a: { type: 'http', url: '${env:BASE}/mcp', gallery: true } } }),
    ).toBe(true);
    expect(
      takes({ mcpServers: { a: { serverUrl: 'https://x', url: 'https://x' } }, globalShortcut: '' }),
    ).toBe(true);
    expect(takes({ listen: '${env:LISTEN}', limits: { body: '${env:SIZE}' }, 'x-env': {} })).toBe(true);
    expect(takes({ mcpServers: { a: { comand: 'npx' } } })).toBe(false);
    expect(takes({ mcpServers: { a: { command: 5 } } })).toBe(false);
    expect(takes({ mcpServer: {} })).toBe(false);
    expect(takes({ listen: true })).toBe(false);
  });
});

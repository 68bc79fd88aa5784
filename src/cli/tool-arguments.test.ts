import { describe, expect, it } from 'vitest';
import { exampleArguments, signature, toolArguments, usageLines } from './tool-arguments.ts';

const schema = {
  type: 'object',
  properties: {
    count: { type: 'integer', description: 'How many\ntimes' },
    host: { type: 'string', description: 'Whom to ask' },
    ports: { type: 'array', items: { type: 'integer' } },
    scheme: { enum: ['http', 'https'] },
    either: { type: ['string', 'null'] },
  },
  required: ['host', 'scheme'],
};

describe('toolArguments', () => {
  it('names the required ones first', () => {
    expect(toolArguments(schema)).toEqual([
      { name: 'host', type: 'string', required: true, description: 'Whom to ask' },
      { name: 'scheme', type: '"http" | "https"', required: true, description: '' },
      { name: 'count', type: 'integer', required: false, description: 'How many times' },
      { name: 'ports', type: 'integer[]', required: false, description: '' },
      { name: 'either', type: 'string | null', required: false, description: '' },
    ]);
  });

  it.each([undefined, null, true, [], {}, { properties: 3 }, { properties: {}, required: 'x' }])(
    'names none for %j, which a server may send',
    (odd) => {
      expect(toolArguments(odd)).toEqual([]);
      expect(exampleArguments(odd)).toEqual({});
    },
  );

  it('takes a schema of true, and a name that is on every object', () => {
    const odd = JSON.parse(
      '{"properties":{"any":true,"__proto__":{"type":"string"}},"required":["__proto__"]}',
    );
    expect(toolArguments(odd).map(({ name, type }) => `${name}: ${type}`)).toEqual([
      '__proto__: string',
      'any: any',
    ]);
    expect(JSON.stringify(exampleArguments(odd))).toBe('{"__proto__":"…"}');
  });

  it('lets no escape sequence through', () => {
    const odd = { properties: { 'a\u001b[2J': { type: '\u001b', description: '\u0007' } } };
    // eslint-disable-next-line no-control-regex
    expect(usageLines('t\u001b', odd).join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('signature', () => {
  it('marks what may be left out', () => {
    expect(signature(schema)).toBe('host, scheme, count?, ports?, either?');
  });
});

describe('exampleArguments', () => {
  it('has what is required, of the right type', () => {
    expect(exampleArguments(schema)).toEqual({ host: '…', scheme: 'http' });
    const every = {
      a: { type: 'boolean' },
      b: { type: 'array' },
      c: { type: 'object' },
      d: { type: 'number' },
      e: {},
    };
    expect(exampleArguments({ properties: every, required: Object.keys(every) })).toEqual({
      a: true,
      b: [],
      c: {},
      d: 1,
      e: '…',
    });
  });

  it('takes an example of the server where there is one', () => {
    const properties = { host: { type: 'string', examples: ['example.com'] } };
    expect(exampleArguments({ properties, required: ['host'] })).toEqual({ host: 'example.com' });
  });
});

describe('usageLines', () => {
  it('ends with a call to copy', () => {
    expect(usageLines('ping', schema)).toEqual([
      'ping takes',
      '  host    string, required: Whom to ask',
      '  scheme  "http" | "https", required',
      '  count   integer: How many times',
      '  ports   integer[]',
      '  either  string | null',
      `for example: sallyport call ping '{"host":"…","scheme":"http"}'`,
    ]);
  });

  it('says so where there are none', () => {
    expect(usageLines('now', { type: 'object' })).toEqual(['now takes no arguments']);
  });
});

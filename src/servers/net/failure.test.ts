import { describe, expect, it } from 'vitest';
import { EgressError } from '../../egress/error.ts';
import { explain, ToolFailure } from './failure.ts';

const coded = (code: unknown): Error => Object.assign(new Error('internal detail'), { code });

describe('explain', () => {
  it('passes on what was written for people', () => {
    expect(explain(new ToolFailure('Do this.'))).toBe('Do this.');
    expect(explain(new EgressError('invalid_host', 'Do that.'))).toBe('Do that.');
  });

  it.each([
    ['ECONNREFUSED', /Nothing listens.*check_common_ports.*\(ECONNREFUSED\)$/],
    ['CERT_HAS_EXPIRED', /certificate.*expired/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /Try the scheme "http"/],
    ['ERR__ERROR_FORMAT_PADDING_1', /Content-Encoding/],
    ['EWHATEVER', /^It failed\. \(EWHATEVER\)$/],
  ])('says what %s means', (code, message) => {
    expect(explain(coded(code))).toMatch(message);
    expect(explain(coded(code))).not.toContain('internal detail');
  });

  it('does not quote what nobody expected', () => {
    for (const odd of [new Error('secret'), coded(7), 'secret', undefined, { code: 'secret' }]) {
      expect(explain(odd)).toBe('It failed for a reason that this tool does not know.');
    }
  });

  it('knows what is no HTTP, with a code or without', () => {
    const error = Object.assign(new Error('x'), { name: 'HTTPParserError', code: undefined, data: 'secret' });
    expect(explain(error)).toContain('does not speak HTTP');
    expect(explain(Object.assign(error, { code: 'HPE_INVALID_CONSTANT' }))).toContain('does not speak HTTP');
  });

  it('knows time-outs', () => {
    expect(explain(new DOMException('x', 'TimeoutError'))).toContain('took too long');
  });
});

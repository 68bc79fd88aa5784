import { classifyInboundRequest } from '@modelcontextprotocol/server';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { META } from '../core/protocol.ts';
import { eraOf } from './era.ts';

const V = META.protocolVersion;
const MODERN = '2026-07-28';
const CLAIM = { _meta: { [V]: MODERN, [META.clientCapabilities]: {} } };

const request = (method: string, params?: JsonValue): JsonObject => ({
  jsonrpc: '2.0',
  id: 1,
  method,
  ...(params !== undefined && { params }),
});

/** The era, or the code and the reason of the refusal. */
function verdict(message: JsonValue, version?: string): string {
  const era = eraOf(message, version);
  return typeof era === 'string' ? era : `${era.error.status} ${era.error.code}`;
}

describe('the era of a POSTed message, row by row', () => {
  it.each<[string, JsonValue, string | undefined, string]>([
    ['a request without any claim', request('tools/list'), undefined, 'legacy'],
    ['… with an older version header', request('tools/list'), '2025-11-25', 'legacy'],
    ['… with the modern version header', request('tools/list'), MODERN, '400 -32602'],
    ['… with the header of a version to come', request('tools/list'), '2027-01-01', '400 -32602'],
    ['an empty _meta under the modern header', request('tools/list', { _meta: {} }), MODERN, '400 -32602'],
    ['a request that claims', request('tools/list', CLAIM), MODERN, 'modern'],
    ['a claim without the header', request('tools/list', CLAIM), undefined, 'modern'],
    ['a claim under an older header', request('tools/list', CLAIM), '2025-11-25', 'modern'],
    ['a claim that is no string', request('tools/list', { _meta: { [V]: 7 } }), undefined, 'modern'],
    ['a claim of null', request('tools/list', { _meta: { [V]: null } }), undefined, 'modern'],
    ['a claim of an unknown version', request('x', { _meta: { [V]: '1999-01-01' } }), undefined, 'modern'],
    ['_meta that is no object', request('tools/list', { _meta: [V] }), undefined, 'legacy'],
    ['params that are an array', request('tools/list', [CLAIM]), undefined, 'legacy'],
    ['initialize', request('initialize', {}), undefined, 'legacy'],
    ['initialize under a legacy header', request('initialize', {}), '2025-06-18', 'legacy'],
    ['initialize under the modern header', request('initialize', {}), MODERN, '400 -32020'],
    ['initialize with a valid claim', request('initialize', CLAIM), MODERN, 'modern'],
    ['a notification', { jsonrpc: '2.0', method: 'notifications/x' }, undefined, 'legacy'],
    ['a notification under the modern header', { jsonrpc: '2.0', method: 'n/x' }, MODERN, 'modern'],
    ['a notification that claims', { jsonrpc: '2.0', method: 'n/x', params: CLAIM }, undefined, 'modern'],
    ['a response', { jsonrpc: '2.0', id: 1, result: {} }, undefined, 'legacy'],
    ['an error response', { jsonrpc: '2.0', id: 1, error: {} }, undefined, 'legacy'],
    ['a response under the modern header', { jsonrpc: '2.0', id: 1, result: {} }, MODERN, '400 -32600'],
    ['a batch', [request('ping')], undefined, 'legacy'],
    ['a batch with one that claims', [request('ping'), request('x', CLAIM)], undefined, '400 -32600'],
    ['a string', 'initialize', undefined, '400 -32600'],
    ['a number', 1, undefined, '400 -32600'],
    ['null', null, undefined, '400 -32600'],
    ['true under the modern header', true, MODERN, '400 -32600'],
  ])('%s', (_title, message, version, expected) => {
    expect(verdict(message, version)).toBe(expected);
  });

  it.each([
    ['that is malformed', { [V]: MODERN }],
    ['that is no string', { [V]: 5, [META.clientCapabilities]: {} }],
    ['of an older version', { [V]: '2025-11-25', [META.clientCapabilities]: {} }],
  ])('initialize with a claim %s is the handshake of old', (_title, _meta) => {
    expect(verdict(request('initialize', { _meta, protocolVersion: '2025-11-25' }))).toBe('legacy');
    expect(verdict(request('initialize', { _meta }), MODERN)).toBe('400 -32020');
  });

  it('a claim is an own key: one that hides in __proto__ is none', () => {
    const hidden = JSON.parse(`{"_meta":{"__proto__":{"${V}":"${MODERN}"}}}`) as JsonObject;
    expect(verdict(request('tools/list', hidden))).toBe('legacy');
    const deeper = JSON.parse(`{"__proto__":${JSON.stringify(CLAIM)}}`) as JsonObject;
    expect(verdict(request('tools/list', deeper))).toBe('legacy');
  });
});

/** What the reference SDK makes of the same request: `legacy`, `modern`, or the refusal. */
function reference(body: JsonValue, version: string | undefined): string {
  const route = classifyInboundRequest({
    httpMethod: 'POST',
    body,
    ...(version !== undefined && { protocolVersionHeader: version }),
  });
  return route.kind === 'reject' ? `${route.httpStatus} ${route.code}` : route.kind;
}

describe('the reference SDK', () => {
  const versions = fc.constantFrom(MODERN, '2025-11-25', '2025-03-26', '2027-01-01', 'draft', '', '1');
  const capabilities = fc.constantFrom<JsonValue>({}, { elicitation: {} }, null, 7, []);
  const meta = fc.dictionary(fc.constant('vendor/key'), fc.constant('x')).chain((other) =>
    fc
      .record(
        {
          [V]: fc.oneof(versions, fc.constantFrom<JsonValue>(null, 5)),
          [META.clientCapabilities]: capabilities,
        },
        { requiredKeys: [] },
      )
      .map((own) => ({ ...other, ...own })),
  );
  const params = fc.record({ _meta: meta, protocolVersion: versions }, { requiredKeys: [] });
  const methods = fc.constantFrom('initialize', 'ping', 'tools/list', 'server/discover', 'tools/call');
  const requests = fc.record({
    jsonrpc: fc.constant('2.0'),
    id: fc.constantFrom<JsonValue>(0, 1, 'a'),
    method: methods,
    params: params,
  });

  it('is of the same opinion on every request', () => {
    fc.assert(
      fc.property(requests, fc.option(versions, { nil: undefined }), (message, version) => {
        const ours = verdict(message, version);
        const theirs = reference(message, version);
        // Behind the ladder stands the reading of the request, which refuses what the reference refuses on it.
        if (ours === 'modern' && theirs.startsWith('400')) return;
        expect(ours).toBe(theirs);
      }),
      { numRuns: 1000 },
    );
  });

  it('is of the same opinion on batches that no header calls modern', () => {
    const batches = fc.array(requests, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(batches, (batch) => {
        expect(verdict(batch)).toBe(reference(batch, undefined));
      }),
      { numRuns: 300 },
    );
  });
});

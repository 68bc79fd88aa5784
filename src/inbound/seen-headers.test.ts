import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { seenHeaders } from './seen-headers.ts';

const request = (headers: IncomingMessage['headers']): IncomingMessage => ({ headers }) as IncomingMessage;

it('names what a proxy let through, and neither values nor anything else', () => {
  expect(seenHeaders(request({ 'x-user-id': 'marie', 'x-forwarded-for': '192.0.2.1', cookie: 'a=b' }))).toBe(
    'x-user-id, x-forwarded-for',
  );
});

it('says that there are none where a proxy made them empty', () => {
  expect(seenHeaders(request({ 'x-user-id': '', host: 'mcp.test' }))).toBe('none');
});

import { describe, expect, it } from 'vitest';
import { listen } from './testing.ts';

const APP = 'https://app.example.com';
const HOST = 'Host: localhost';
const ORIGIN = `Origin: ${APP}`;
const open = { allowedOrigins: [APP] };

describe('a browser that asks first', () => {
  it('on behalf of an allowed page is told what the page may do', async () => {
    await using door = await listen(open);
    const wanted = 'authorization, content-type, mcp-protocol-version, mcp-method, mcp-param-x';
    const lines = ['Access-Control-Request-Method: POST', `Access-Control-Request-Headers: ${wanted}`];
    const { status, headers, body } = await door.ask('OPTIONS', '/mcp', HOST, ORIGIN, ...lines);
    expect({ status, body }).toEqual({ status: 204, body: '' });
    expect(headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': wanted,
      vary: 'Origin',
    });
    expect(Number(headers['access-control-max-age'])).toBeGreaterThan(0);
    expect(door.let, 'the endpoint has not heard of it').toEqual([]);
  });

  it('on behalf of any other page is told nothing', async () => {
    await using door = await listen(open);
    for (const origin of ['https://evil.example', 'null', 'https://app.example.com.evil.example']) {
      const lines = [`Origin: ${origin}`, 'Access-Control-Request-Method: POST'];
      const { status, headers } = await door.ask('OPTIONS', '/mcp', HOST, ...lines);
      expect(status).toBe(403);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('and is no such browser, has to go through the door like everybody', async () => {
    await using door = await listen(open);
    expect((await door.ask('OPTIONS', '/mcp', HOST)).body).toBe('in');
    expect((await door.ask('OPTIONS', '/mcp', HOST, 'Access-Control-Request-Method: POST')).body).toBe('in');
    expect((await door.ask('OPTIONS', '/mcp', HOST, ORIGIN)).body).toBe('in');
  });
});

describe('an answer', () => {
  it('to an allowed page names this page, whatever the answer is', async () => {
    await using door = await listen(open);
    for (const path of ['/mcp', '/health', '/nothing']) {
      const { headers } = await door.ask('GET', path, HOST, ORIGIN);
      expect(headers).toMatchObject({ 'access-control-allow-origin': APP, vary: 'Origin' });
      expect(headers['access-control-expose-headers']).toMatch(/Mcp-Session-Id.*WWW-Authenticate/);
    }
  });

  it('never lets everybody read it, nor sends cookies along', async () => {
    await using door = await listen(open);
    for (const lines of [[], [ORIGIN], ['Origin: http://localhost:3000'], ['Origin: https://evil.example']]) {
      const { headers } = await door.ask('GET', '/mcp', HOST, ...lines);
      expect(headers['access-control-allow-origin']).not.toBe('*');
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    }
  });

  it('to a program says nothing of pages', async () => {
    await using door = await listen(open);
    const { headers } = await door.ask('GET', '/mcp', HOST);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

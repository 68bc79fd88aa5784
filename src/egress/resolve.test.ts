import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Lookup } from './lookup.ts';
import { EgressPolicy } from './policy.ts';
import { resolve } from './resolve.ts';

/** A policy whose look-ups answer these addresses, and a record of the names that were asked for. */
function answering(addresses: string[], allow: string[] = []): { policy: EgressPolicy; asked: string[] } {
  const asked: string[] = [];
  const lookup: Lookup = async (name) => {
    asked.push(name);
    return addresses;
  };
  return { policy: new EgressPolicy({ allow, lookup, lookupTimeoutMs: 200 }), asked };
}

/** A policy whose look-ups fail like this. */
function failing(code: string): EgressPolicy {
  return new EgressPolicy({ lookup: () => Promise.reject(Object.assign(new Error('x'), { code })) });
}

/**
 * A DNS server on loopback, over UDP, whose answers live for 0 seconds.
 * @param answer the IPv4 address for the nth question for an A record; there are no others
 */
async function dnsServer(answer: (nth: number) => string): Promise<Lookup> {
  const server = createSocket('udp4');
  let count = 0;
  server.on('message', (query, from) => {
    const endOfName = query.indexOf(0, 12) + 1;
    const isA = query.readUInt16BE(endOfName) === 1;
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2); // a recursive answer without error
    header.writeUInt16BE(isA ? 1 : 0, 6); // records in the answer
    header.fill(0, 8);
    const question = query.subarray(12, endOfName + 4);
    // The name (as a pointer to the question), type A, class IN, TTL 0, four bytes.
    const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...answer(count).split('.').map(Number)];
    if (isA) count += 1;
    server.send(Buffer.concat([header, question, Buffer.from(isA ? record : [])]), from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  return (name) => resolver.resolve4(name);
}

describe('resolve', () => {
  it('answers the checked addresses in their order, each once', async () => {
    const { policy, asked } = answering(['8.8.8.8', '2606:4700::1', '8.8.8.8', '1.1.1.1']);
    const target = await resolve('Example.COM.', policy);
    expect(target.host).toEqual({ name: 'example.com' });
    expect(target.addresses).toEqual(['8.8.8.8', '2606:4700::1', '1.1.1.1']);
    expect(asked).toEqual(['example.com']);
  });

  it('asks nobody about an address', async () => {
    const { policy, asked } = answering(['8.8.8.8']);
    await expect(resolve('134744072', policy)).resolves.toMatchObject({ addresses: ['8.8.8.8'] });
    await expect(resolve('2130706433', policy)).rejects.toMatchObject({ code: 'forbidden_address' });
    expect(asked).toEqual([]);
  });

  it.each([
    ['the only one', ['127.0.0.1']],
    ['the last of many', ['8.8.8.8', '1.1.1.1', '169.254.169.254']],
    ['among IPv6', ['2606:4700::1', '::ffff:10.0.0.1']],
    ['NAT64 of a private one', ['8.8.8.8', '64:ff9b::a00:1']],
    ['no address at all', ['8.8.8.8', '127.1']],
  ])('refuses a name with a forbidden address: %s', async (_case, addresses) => {
    const { policy } = answering(addresses);
    await expect(resolve('evil.example', policy)).rejects.toMatchObject({ code: 'forbidden_address' });
  });

  it('lets an allowed name and an allowed block through', async () => {
    const byName = answering(['10.0.0.1', '8.8.8.8'], ['db.internal']);
    await expect(resolve('db.internal', byName.policy)).resolves.toMatchObject({
      host: { name: 'db.internal' },
    });
    const byBlock = answering(['10.0.0.1', '8.8.8.8'], ['10.0.0.0/8']);
    await expect(resolve('db.internal', byBlock.policy)).resolves.toMatchObject({
      host: { name: 'db.internal' },
    });
  });

  it('does not look up what is no host', async () => {
    const { policy, asked } = answering(['8.8.8.8']);
    await expect(resolve('$(id).example', policy)).rejects.toMatchObject({ code: 'invalid_host' });
    expect(asked).toEqual([]);
  });

  it('says that a name does not exist, and that DNS is not to be had', async () => {
    await expect(resolve('nobody.example', answering([]).policy)).rejects.toMatchObject({
      code: 'lookup_failed',
      message: expect.stringContaining('it has no address') as string,
    });
    await expect(resolve('nobody.example', failing('ENOTFOUND'))).rejects.toThrow('there is no such name');
    await expect(resolve('nobody.example', failing('EAI_AGAIN'))).rejects.toThrow(
      'DNS did not answer (EAI_AGAIN)',
    );
  });

  it('waits no longer than it may, nor than it is wanted', async () => {
    const policy = new EgressPolicy({ lookup: () => new Promise(() => {}), lookupTimeoutMs: 50 });
    await expect(resolve('slow.example', policy)).rejects.toThrow('no answer within 50 ms');
    const reason = new Error('not wanted');
    await expect(resolve('slow.example', policy, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const pending = resolve('slow.example', policy, controller.signal);
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
  });

  it('knows localhost by the look-up of the system', async () => {
    await expect(resolve('localhost', new EgressPolicy())).rejects.toMatchObject({
      code: 'forbidden_address',
    });
    const target = await resolve('localhost', new EgressPolicy({ allow: ['localhost'] }));
    expect(['127.0.0.1', '::1']).toContain(target.addresses[0]);
  });

  it('is answered by a real DNS server, each time anew', async () => {
    const lookup = await dnsServer((nth) => (nth === 0 ? '8.8.8.8' : '127.0.0.1'));
    const policy = new EgressPolicy({ lookup });
    const target = await resolve('rebind.example', policy);
    await expect(resolve('rebind.example', policy)).rejects.toMatchObject({ code: 'forbidden_address' });
    expect(target.addresses).toEqual(['8.8.8.8']);
  });
});

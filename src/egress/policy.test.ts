import { describe, expect, it } from 'vitest';
import { parseHost } from './host.ts';
import { EgressPolicy } from './policy.ts';

/** Checks the address as what the host was resolved to. */
function check(allow: string[], host: string, address = parseHost(host).address ?? ''): void {
  new EgressPolicy({ allow }).check(parseHost(host), address);
}

describe('EgressPolicy', () => {
  it('lets public addresses through', () => {
    check([], '8.8.8.8');
    check([], '2606:4700:4700::1111');
    check([], 'example.com', '93.184.215.14');
    check([], '::ffff:8.8.8.8');
  });

  it.each([
    ['127.0.0.1', '127.0.0.0/8'],
    ['2130706433', '127.0.0.0/8'],
    ['0x7f.1', '127.0.0.0/8'],
    ['017700000001', '127.0.0.0/8'],
    ['①②⑦.⓪.⓪.①', '127.0.0.0/8'],
    ['127.0.0.1.', '127.0.0.0/8'],
    ['%31%32%37.0.0.1', '127.0.0.0/8'],
    ['::ffff:127.0.0.1', '127.0.0.0/8'],
    ['[::ffff:7f00:1]', '127.0.0.0/8'],
    ['::7f00:1', '::/96'],
    ['64:ff9b::7f00:1', '64:ff9b::/96'],
    ['64:ff9b:1::7f00:1', '64:ff9b:1::/48'],
    ['2002:7f00:1::', '2002::/16'],
    ['2001:0:4136:e378:8000:63bf:80ff:fffe', '2001::/32'],
    ['169.254.169.254', '169.254.0.0/16'],
    ['10.1.2.3', '10.0.0.0/8'],
    ['fd00::1', 'fc00::/7'],
    ['4000::1', '4000::1'],
  ])('refuses %s and says that %s would open it', (host, block) => {
    expect(() => check([], host)).toThrow(
      expect.objectContaining({
        code: 'forbidden_address',
        message: expect.stringContaining(`add "${block}" to "allow"`) as string,
      }),
    );
  });

  it('names the block and the name, but not where an internal name leads', () => {
    expect(() => check([], 'db.internal', '10.1.2.3')).toThrow(
      '"db.internal" leads to an address that is not public (private, 10.0.0.0/8), so it was not connected to. ' +
        'If it is meant to be reached from here, add "10.0.0.0/8" or "db.internal" to "allow".',
    );
  });

  it('refuses what it cannot read', () => {
    expect(() => check([], 'example.com', 'not an address')).toThrow('something that is not an IP address');
    expect(() => check(['0.0.0.0/0', '::/0'], 'example.com', '127.1')).toThrow(
      'something that is not an IP address',
    );
  });

  it.each([
    ['10.0.0.0/8', '10.255.0.1'],
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.3/8', '10.9.9.9'],
    ['::1', '::1'],
    ['fc00::/7', 'fd12::1'],
    ['127.0.0.0/8', '::ffff:127.0.0.1'],
    ['0.0.0.0/0', '192.168.0.1'],
  ])('is opened by %s for %s', (entry, host) => {
    check([entry], host);
  });

  it.each([
    ['10.0.0.0/8', '11.0.0.1', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '127.0.0.1', false],
    ['fc00::/7', '127.0.0.1', false],
  ])('%s opens no more than it says (%s)', (entry, host, passes) => {
    if (passes) check([entry], host);
    else expect(() => check([entry], host)).toThrow('not public');
  });

  it('opens a name by its name only, wherever it leads', () => {
    check(['DB.internal.'], 'db.internal', '10.1.2.3');
    expect(() => check(['db.internal'], 'evil.example', '10.1.2.3')).toThrow('not public');
    expect(() => check(['db.internal'], 'x.db.internal', '10.1.2.3')).toThrow('not public');
    expect(() => check(['db.internal'], '10.1.2.3')).toThrow('not public');
  });

  it('opens a translator without what hides behind it', () => {
    check(['64:ff9b::/96'], '64:ff9b::8.8.8.8');
    expect(() => check(['64:ff9b::/96'], '64:ff9b::a9fe:a9fe')).toThrow(
      /169\.254\.0\.0\/16, hidden in an IPv6 address.*add "169\.254\.0\.0\/16"/,
    );
    expect(() => check(['2002::/16'], '2002:7f00:1::')).toThrow('hidden in an IPv6 address');
    check(['2002::/16', '127.0.0.0/8'], '2002:7f00:1::');
  });

  it('refuses private addresses behind a public ISATAP prefix', () => {
    expect(() => check([], '2606:4700::5efe:10.0.0.1')).toThrow('hidden in an IPv6 address');
    check([], '2606:4700::5efe:8.8.8.8');
  });

  it.each([
    '',
    '*.example.com',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0/8',
    '010.0.0.0/8',
    'example.com/8',
    '::ffff:10.0.0.0/104',
    'http://a',
    'a:80',
  ])('refuses %j in allow', (entry) => {
    expect(() => new EgressPolicy({ allow: [entry] })).toThrow(
      expect.objectContaining({
        code: 'invalid_allow',
        message: expect.stringContaining('write a CIDR') as string,
      }),
    );
  });
});

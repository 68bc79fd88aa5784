import { describe, expect, it } from 'vitest';
import { parsePingOutput, summarize } from './ping-output.ts';

/** What real programs print, shortened by their echoes. */
const IPUTILS = `PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.224 ms

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 3 received, 0% packet loss, time 406ms
rtt min/avg/max/mdev = 0.040/0.101/0.224/0.086 ms
`;
const INETUTILS = `PING 127.0.0.1 (127.0.0.1): 56 data bytes
64 bytes from 127.0.0.1: icmp_seq=0 ttl=64 time=0.031 ms
--- 127.0.0.1 ping statistics ---
3 packets transmitted, 3 packets received, 0% packet loss
round-trip min/avg/max/stddev = 0.031/0.054/0.069/0.000 ms
`;
const BUSYBOX = `PING 127.0.0.1 (127.0.0.1): 56 data bytes
64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.020 ms

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 3 packets received, 0% packet loss
round-trip min/avg/max = 0.020/0.048/0.066 ms
`;
const MACOS = `PING 127.0.0.1 (127.0.0.1): 56 data bytes
64 bytes from 127.0.0.1: icmp_seq=0 ttl=64 time=0.042 ms
Request timeout for icmp_seq 1

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 2 packets received, 33.3% packet loss
round-trip min/avg/max/stddev = 0.042/0.058/0.071/0.012 ms
`;

const times = (min_ms: number, avg_ms: number, max_ms: number): object => ({ min_ms, avg_ms, max_ms });
const nothing = { min_ms: null, avg_ms: null, max_ms: null };

describe('parsePingOutput', () => {
  it.each([
    ['iputils', IPUTILS, { sent: 3, received: 3, loss_percent: 0, ...times(0.04, 0.101, 0.224) }],
    ['inetutils', INETUTILS, { sent: 3, received: 3, loss_percent: 0, ...times(0.031, 0.054, 0.069) }],
    ['BusyBox', BUSYBOX, { sent: 3, received: 3, loss_percent: 0, ...times(0.02, 0.048, 0.066) }],
    ['macOS', MACOS, { sent: 3, received: 2, loss_percent: 33.3, ...times(0.042, 0.058, 0.071) }],
  ])('reads %s', (_name, output, expected) => {
    expect(parsePingOutput(output)).toEqual(expected);
  });

  it.each([
    ['iputils, lost', '2 packets transmitted, 0 received, 100% packet loss, time 1001ms\n\n', 2],
    [
      'iputils, unreachable',
      '4 packets transmitted, 0 received, +4 errors, 100% packet loss, time 3056ms\npipe 4\n',
      4,
    ],
    ['inetutils, lost', '2 packets transmitted, 0 packets received, 100% packet loss\n', 2],
    ['BusyBox, lost', '2 packets transmitted, 0 packets received, 100% packet loss\n', 2],
    ['macOS, lost', '2 packets transmitted, 0 packets received, 100.0% packet loss\n', 2],
  ])('reads that nothing came back: %s', (_name, output, sent) => {
    expect(parsePingOutput(`--- 10.0.0.1 ping statistics ---\n${output}`)).toEqual({
      sent,
      received: 0,
      loss_percent: 100,
      ...nothing,
    });
  });

  it('does not count duplicates as answers', () => {
    const forged =
      '--- x ping statistics ---\n2 packets transmitted, 5 packets received, -- somebody is printing forged packets!\n';
    expect(parsePingOutput(forged)).toMatchObject({ sent: 2, received: 2, loss_percent: 0 });
    const twice = '2 packets transmitted, 2 received, +2 duplicates, 0% packet loss, time 1ms\n';
    expect(parsePingOutput(twice)).toMatchObject({ sent: 2, received: 2 });
  });

  it.each([
    '',
    'ping: socket: Operation not permitted',
    'PING 127.0.0.1 (127.0.0.1): 56 data bytes\n',
    '0 packets transmitted, 0 received\n',
    'Pakete: Gesendet = 4, Empfangen = 4, Verloren = 0\n',
  ])('finds no summary in %j', (output) => {
    expect(parsePingOutput(output)).toBeUndefined();
  });
});

describe('summarize', () => {
  it('counts and averages', () => {
    expect(summarize(4, [1, 2, 4])).toEqual({
      sent: 4,
      received: 3,
      loss_percent: 25,
      ...times(1, 2.333, 4),
    });
    expect(summarize(3, [])).toEqual({ sent: 3, received: 0, loss_percent: 100, ...nothing });
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkServerName } from '../config/server-name.ts';
import { qualify, unqualify } from './naming.ts';

const serverName = fc
  .string({ unit: fc.constantFrom('a', 'B', '7', '_', '-', '.'), minLength: 1, maxLength: 12 })
  .filter((name) => 'value' in checkServerName(name));

describe('naming', () => {
  it('finds server and name again, for every server name that the config takes and whatever the tool is called', () => {
    const toolName = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('_', 'a', '__') }));
    fc.assert(
      fc.property(serverName, toolName, (server, name) => {
        expect(unqualify(qualify(server, name))).toEqual({ server, name });
      }),
      { numRuns: 1000 },
    );
  });

  it('gives no two tools one name', () => {
    const odd = fc.string({ unit: fc.constantFrom('_', 'a'), maxLength: 6 });
    fc.assert(
      fc.property(serverName, odd, serverName, odd, (server1, name1, server2, name2) => {
        const isSame = server1 === server2 && name1 === name2;
        expect(qualify(server1, name1) === qualify(server2, name2)).toBe(isSame);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['', 'echo', '__echo', '_', '__', 'a_b', '___'])('%o names no server', (name) => {
    expect(unqualify(name)).toBeUndefined();
  });
});

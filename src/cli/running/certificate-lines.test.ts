import { describe, expect, it } from 'vitest';
import { createStyle } from '../style.ts';
import { certificateLines } from './certificate-lines.ts';

const options = { style: createStyle(false), now: 0 };
const good = {
  name: 'mcp.example.com',
  source: 'acme',
  notAfter: 1,
  daysLeft: 60,
  problem: undefined,
  retryAt: undefined,
} as const;

describe('the certificates of sallyport status', () => {
  it('are told with the days that they are good for', () => {
    expect(certificateLines([good], options)).toEqual(['✓ certificate for mcp.example.com: 60 days left']);
    // Those of six days that renew themselves are in order.
    expect(certificateLines([{ ...good, daysLeft: 3 }], options)[0]).toMatch(/^✓/);
    expect(certificateLines([{ ...good, source: 'file', daysLeft: 3 }], options)[0]).toMatch(/^✗/);
  });

  it('are told with what is wrong, and when it is tried again', () => {
    const failing = { ...good, daysLeft: undefined, problem: 'DNS says\nno.', retryAt: 300_000 };
    const [first, second] = certificateLines([failing], options);
    expect(first).toBe('✗ certificate for mcp.example.com: none yet');
    expect(second).toMatch(/^ {4}DNS says.*no\. \(next try in 5 ?m/);
  });
});

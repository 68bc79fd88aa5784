import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

// Put together here, so that no scanner takes this file for a leak.
const JWT = [
  'eyJhbGciOiJIUzI1NiJ9',
  'eyJzdWIiOiIxMjM0NTY3ODkwIn0',
  'dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
].join('.');
const RANDOM = '0123456789abcdefghijklmnopqrstuvwxyz';
const KIND = ['RSA', 'PRIVATE', 'KEY'].join(' ');
const PEM = `-----BEGIN ${KIND}-----\n${'MIIEpAIBAAKCAQEA0123456789abcdefghij'.repeat(3)}\nabc=\n-----END ${KIND}-----`;

describe('SECRET', () => {
  it.each([
    ['AWS', ['AKIA', 'IOSFODNN7EXAMPLE'].join('')],
    ['GitHub', `ghp_${RANDOM}`],
    ['GitHub, fine-grained', `github_pat_11ABCDEFG0${RANDOM}`],
    ['GitLab', `glpat-${RANDOM.slice(0, 20)}`],
    ['OpenAI', `sk-proj-${RANDOM}`],
    ['Anthropic', `sk-ant-api03-${RANDOM}`],
    ['Stripe', `sk_live_${RANDOM.slice(0, 24)}`],
    ['Slack', `xoxb-123456789012-${RANDOM.slice(0, 24)}`],
    ['Google', `AIza${RANDOM.slice(0, 35)}`],
    ['npm', `npm_${RANDOM}`],
    ['Hugging Face', `hf_${RANDOM.slice(0, 34)}`],
    ['SendGrid', `SG.${RANDOM.slice(0, 22)}.${RANDOM}`],
    ['Groq', `gsk_${RANDOM}${RANDOM.slice(0, 16)}`],
    ['HashiCorp Vault', `hvs.${RANDOM}`],
    ['Docker', `dckr_pat_${RANDOM.slice(0, 27)}`],
    ['Telegram', `123456789:AA${RANDOM.slice(0, 33)}`],
    ['Twilio', `SK${'0a1b2c3d'.repeat(4)}`],
    ['Mailchimp', `${'0a1b2c3d'.repeat(4)}-us12`],
    ['Shopify', `shpss_${'0a1b2c3d'.repeat(4)}`],
    ['a JWT', JWT],
    ['a key in PEM', PEM],
    ['a database', 'postgres://app:pa55word@db.example.com:5432/x'],
    ['a cache', 'redis://:pa55word@10.0.0.9:6379'],
    ['a web address with a password', 'https://kim:hunter2@example.com/x'],
  ])('finds that of %s', (_title, value) => {
    expect(finds(value)).toEqual([`SECRET ${value}`]);
    expect(finds(`키는 ${value} 입니다`)).toEqual([`SECRET ${value}`]);
    expect(finds(`키는"${value}"`)).toEqual([`SECRET ${value}`]);
  });

  it.each([
    ['password=hunter2secret', 'hunter2secret'],
    [
      'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    ],
    ['비밀번호: qwer1234!', 'qwer1234!'],
    ['"api_key": "abcd1234efgh"', 'abcd1234efgh'],
    [`https://hooks.slack.com/services/T00000000/B00000000/${RANDOM.slice(0, 24)}`, undefined],
  ])('is told by what it is assigned to: %s', (text, value = text) => {
    expect(finds(text)).toEqual([`SECRET ${value}`]);
  });

  it('ends where an address does', () => {
    expect(finds('DB=postgres://app:pa55word@db/main을 쓴다')).toEqual([
      'SECRET postgres://app:pa55word@db/main',
    ]);
    expect(finds('**redis://:pa55word@cache:6379/0**')).toEqual(['SECRET redis://:pa55word@cache:6379/0']);
  });

  it('is what is called no more than a token, where it looks random', () => {
    const value = 'kJ8s0PqzX2mN7vB4tR6yW1aE5dG9hL3c';
    expect(finds(`token: ${value}`)).toEqual([`SECRET ${value}`]);
    expect(finds('token: nextPageIsNumber42')).toEqual([]);
    expect(finds('SECRET_NAME = K8S_VOLUME_TYPE_SECRET')).toEqual([]);
  });

  it('is told by the key of a JSON value', () => {
    expect(finds('hunter2-hunter2', 'dbPassword')).toEqual(['SECRET hunter2-hunter2']);
    expect(finds('비밀1234번호', '비밀번호')).toEqual(['SECRET 비밀1234번호']);
    expect(finds('string', 'token')).toEqual([]);
    expect(finds('hunter2-hunter2', 'title')).toEqual([]);
  });

  it.each([
    '550e8400-e29b-41d4-a716-446655440000',
    'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'sk-this-is-a-placeholder-for-you',
    'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    'postgres://${USER}:${PASSWORD}@host/db',
    'https://example.com:8080/a@b',
    'password = config.password1',
    'const secret = await readSecret2(path)',
    'api_key=${API_KEY2}',
    'password: string',
    'const skeletonLoaderComponentFactory = 1',
    '-----BEGIN CERTIFICATE-----\nMIIEpAIBAAKCAQEA0123456789abcdefghijMIIEpAIBAAKCAQEA0123456789abcdefghij',
  ])('finds none in %j', (text) => {
    expect(finds(text)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('EMAIL_ADDRESS', () => {
  it.each([
    ['kim@example.com', 'kim@example.com'],
    ['Write to jane.doe+work@mail.example.co.uk.', 'jane.doe+work@mail.example.co.uk'],
    ['메일은kim@naver.com으로 주세요', 'kim@naver.com'],
    ['이메일(hong_gd@daum.net)입니다', 'hong_gd@daum.net'],
    ['Courriel : <marie-claire@orange.fr>', 'marie-claire@orange.fr'],
    ["o'brien@example.ie", "o'brien@example.ie"],
    ['mailto:a@b.io?subject=x', 'a@b.io'],
    ['ｋｉｍ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'ｋｉｍ＠ｅｘａｍｐｌｅ．ｃｏｍ'],
    ['kim\u200b@exam\u00adple.com', 'kim\u200b@exam\u00adple.com'],
    ['“kim@example.com”', 'kim@example.com'],
    ['x@xn--3e0b707e.xn--3e0b707e', 'x@xn--3e0b707e.xn--3e0b707e'],
    ['UPPER@EXAMPLE.COM', 'UPPER@EXAMPLE.COM'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`EMAIL_ADDRESS ${value}`]);
  });

  it.each([
    '@app.route("/")',
    'npm i @types/node@24.1.0 react@latest',
    'git@github.com:owner/repo.git',
    'icon@2x.png',
    'https://user@host.example.com/x',
    'user@localhost',
    'a@b',
    'systemd getty@tty1.service',
    'kim@example.c0m',
    `${'x'.repeat(65)}@example.com`,
    '@@@@.com',
  ])('finds none in %j', (text) => {
    expect(finds(text)).toEqual([]);
  });
});

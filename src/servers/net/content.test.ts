import { describe, expect, it } from 'vitest';
import { decode, isHtml, isText, looksBinary, looksLikeHtml, parseContentType } from './content.ts';

describe('parseContentType', () => {
  it.each([
    [undefined, '', undefined],
    ['', '', undefined],
    ['text/html', 'text/html', undefined],
    ['Text/HTML; Charset=EUC-KR', 'text/html', 'euc-kr'],
    ['text/html;charset="utf-8"', 'text/html', 'utf-8'],
    ['text/plain; format=flowed; charset=iso-8859-1', 'text/plain', 'iso-8859-1'],
    ['nonsense', 'nonsense', undefined],
    [';;;charset', '', undefined],
  ])('reads %j', (header, type, charset) => {
    expect(parseContentType(header)).toEqual({ type, charset });
  });
});

const said = (header: string): boolean => isText(parseContentType(header));

describe('isText', () => {
  it.each([
    '',
    'text/html',
    'text/plain',
    'text/csv',
    'text/event-stream',
    'application/xhtml+xml',
    'application/json',
    'application/ld+json',
    'application/problem+json; charset=utf-8',
    'application/xml',
    'application/atom+xml',
    'application/javascript',
    'application/x-ndjson',
  ])('reads %j', (header) => {
    expect(said(header)).toBe(true);
  });

  it.each([
    'image/png',
    'image/svg+xml',
    'application/pdf',
    'application/octet-stream',
    'application/zip',
    'application/jsonp-x',
    'application/x-json-not',
    'video/mp4',
    'textual',
  ])('does not read %j', (header) => {
    expect(said(header)).toBe(false);
  });

  it('knows pages', () => {
    expect(isHtml({ type: 'text/html' })).toBe(true);
    expect(isHtml({ type: 'application/xhtml+xml' })).toBe(true);
    expect(isHtml({ type: 'text/plain' })).toBe(false);
    expect(looksLikeHtml(' \n<!DOCTYPE html><p>')).toBe(true);
    expect(looksLikeHtml('<html lang=ko>')).toBe(true);
    expect(looksLikeHtml('<?xml version="1.0"?>')).toBe(false);
    expect(looksLikeHtml('1 < 2')).toBe(false);
    expect(looksBinary(Buffer.from('GIF89a\0'))).toBe(true);
    expect(looksBinary(Buffer.from('한글'))).toBe(false);
  });
});

describe('decode', () => {
  const eucKr = Buffer.from([0xc7, 0xd1, 0xb1, 0xdb]); // 한글

  it.each([
    ['UTF-8 unless told otherwise', Buffer.from('한글'), undefined, '한글'],
    ['what the header says', eucKr, 'euc-kr', '한글'],
    [
      'what the page says',
      Buffer.concat([Buffer.from('<meta charset=euc-kr>'), eucKr]),
      undefined,
      '<meta charset=euc-kr>한글',
    ],
    [
      'what the page says, in the old way',
      Buffer.concat([
        Buffer.from('<META http-equiv="Content-Type" content="text/html; charset=euc-kr">'),
        eucKr,
      ]),
      undefined,
      '<META http-equiv="Content-Type" content="text/html; charset=euc-kr">한글',
    ],
    [
      'the header before the page',
      Buffer.from('<meta charset=euc-kr>한'),
      'utf-8',
      '<meta charset=euc-kr>한',
    ],
    ['a byte order mark before all', Buffer.from('\uFEFF한'), 'euc-kr', '한'],
    ['UTF-16, little-endian', Buffer.from('\uFEFF한', 'utf16le'), undefined, '한'],
    ['UTF-16, big-endian', Buffer.from('\uFEFF한', 'utf16le').swap16(), undefined, '한'],
    ['UTF-8 for a charset that is none', Buffer.from('한'), 'klingon', '한'],
    ['nothing', Buffer.alloc(0), undefined, ''],
  ])('reads %s', (_case, bytes, charset, text) => {
    expect(decode(bytes, charset)).toBe(text);
  });

  it('does not fail on bytes that are no text', () => {
    expect(decode(Buffer.from([0x61, 0xff, 0x62]), undefined)).toBe('a\uFFFDb');
  });
});

import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('ADDRESS', () => {
  it.each([
    ['주소: 서울특별시 강남구 테헤란로 123, 4층', '서울특별시 강남구 테헤란로 123, 4층'],
    ['주소는 경기도 성남시 분당구 판교로 235입니다.', '경기도 성남시 분당구 판교로 235'],
    ['배송지: 부산 해운대구 우동 1234, 연락처: 미정', '부산 해운대구 우동 1234'],
    ['Address: 123 Main Street, Springfield, IL 62704', '123 Main Street, Springfield, IL 62704'],
    ['Home address: 9 Elm Ave, Phone: none', '9 Elm Ave'],
    ['Adresse : 12 bis rue de la Paix, 75002 Paris', '12 bis rue de la Paix, 75002 Paris'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`ADDRESS ${value}`]);
  });

  it('is told by the key of a JSON value', () => {
    expect(finds('서울 마포구 월드컵로 10', '주소')).toEqual(['ADDRESS 서울 마포구 월드컵로 10']);
    expect(finds('1 Infinite Loop Drive', 'streetAddress')).toEqual(['ADDRESS 1 Infinite Loop Drive']);
  });

  it.each([
    'listening address: 0.0.0.0:8080',
    'Address: 0x7ffee4b0',
    'address: localhost',
    '주소: 확인 필요',
    '123 Main Street',
    'Adresse : à compléter',
  ])('finds none in %j', (text) => {
    expect(finds(text)).toEqual([]);
  });
});

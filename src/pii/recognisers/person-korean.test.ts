import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('PERSON, in Korean', () => {
  it.each<[string, string[]]>([
    ['홍길동님께서 주문하신 상품입니다.', ['홍길동']],
    ['김철수 과장님, 안녕하세요.', ['김철수']],
    ['홍길동선생님께 여쭤보세요.', ['홍길동']],
    ['이영희씨와 박씨가 다녀갔다.', ['이영희', '박']],
    ['김모 씨(42)는 최모씨를 만났다.', ['김모', '최모']],
    ['경찰은 김 모 씨를 조사했다.', ['김 모']],
    ['지훈님, 수지 씨도 오세요.', ['지훈', '수지']],
    ['남궁민수님과 황보관 씨', ['남궁민수', '황보관']],
    ['이름: 홍길동 / 성명 : 김영수', ['홍길동', '김영수']],
    ['담당자 박지훈입니다.', ['박지훈']],
    ['예금주는 최민수이고 은행은 다릅니다.', ['최민수']],
    ['고객 이지은님의 연락처', ['이지은']],
    [
      '\u1112\u1169\u11bc\u1100\u1175\u11af\u1103\u1169\u11bc님',
      ['\u1112\u1169\u11bc\u1100\u1175\u11af\u1103\u1169\u11bc'],
    ],
  ])('finds those in %j', (text, names) => {
    expect(finds(text)).toEqual(names.map((name) => `PERSON ${name}`));
  });

  it('is told by the key of a JSON value', () => {
    expect(finds('홍길동', '이름')).toEqual(['PERSON 홍길동']);
    expect(finds('홍길동', 'customerName')).toEqual(['PERSON 홍길동']);
    expect(finds('홍길동', 'title')).toEqual([]);
    expect(finds('서울시', 'name')).toEqual([]);
  });

  it.each([
    '고객님, 사용자님, 선생님, 아저씨',
    '오늘 날씨가 좋고 글씨와 솜씨, 마음씨도 좋다',
    '이사님과 원장님, 부모님, 이모님, 하느님',
    '신임 대표님과 담당자님',
    '환자 정보를 확인하고 고객 주문을 처리합니다',
    '작성자 확인 중, 담당자 미정',
    '고객은 이제 정상적으로 이용하실 수 있습니다',
    '아가씨와 씨앗',
  ])('finds none in %j', (text) => {
    expect(finds(text)).toEqual([]);
  });
});

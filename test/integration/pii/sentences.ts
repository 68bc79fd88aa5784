import type { EntityType } from '../../../src/pii/entity.ts';

/** Sentences around a value, `{}`, of each type. The Korean ones touch it with a particle, as Korean does. */
export const SENTENCES: ReadonlyMap<EntityType, readonly string[]> = new Map<EntityType, readonly string[]>([
  [
    'EMAIL_ADDRESS',
    [
      '견적서는 {}으로 보내 주세요.',
      '제 메일은 {}입니다',
      'Please write to {} by Friday.',
      'Écrivez-nous à {} avant lundi.',
      '<{}>',
      'user={};',
    ],
  ],
  [
    'PHONE_NUMBER',
    [
      '급한 일은 {}로 연락 주세요.',
      '연락처는 {}입니다',
      '{}(담당자 부재 시)',
      'Call me at {} after six.',
      'Mon numéro : {}, merci.',
      'Tél. {}',
      'tel: {}',
    ],
  ],
  [
    'KR_RRN',
    ['주민등록번호 {}을 확인했습니다.', '{}(본인)', '주민번호:{}', 'resident number {} was checked'],
  ],
  ['KR_FRN', ['외국인등록번호는 {}입니다.', '등록증에 적힌 {}을 입력하세요.', 'Alien registration: {}']],
  ['KR_BRN', ['사업자등록번호 {}로 세금계산서를 발행해 주세요.', '({}) 주식회사 한빛', 'Business no. {}']],
  ['KR_DRIVER_LICENSE', ['운전면허번호 {}로 본인 인증을 했습니다.', '면허: {}']],
  ['KR_PASSPORT', ['여권번호는 {}이고 만료일은 내년입니다.', 'Passport {} was issued in Seoul.']],
  ['KR_BANK_ACCOUNT', ['회비는 신한은행 {}로 입금해 주세요.', '계좌번호: {}', '환불 계좌는 국민 {}입니다.']],
  ['CREDIT_CARD', ['카드 {}으로 결제했습니다.', 'Paid with {}.', 'Carte {} refusée', '{}']],
  ['IBAN', ['송금처는 {}입니다.', 'Wire it to {}.', 'Virement sur {} svp']],
  [
    'IP_ADDRESS',
    ['{}에서 접속했습니다.', 'Login from {} failed', 'Connexion depuis {} refusée', 'http://{}/index'],
  ],
  ['MAC', ['기기 {}가 등록되었습니다.', 'lease for {} expired', 'Adresse MAC {}']],
  ['US_SSN', ['Her SSN is {}.', 'ssn={}', '({})']],
  ['FR_NIR', ['Numéro de sécurité sociale : {}', 'NIR {} enregistré.', '({})']],
  ['FR_SIRET', ['SIRET {}', "L'établissement {} est fermé."]],
  ['SECRET', ['키는 {} 입니다.', 'export TOKEN={}', 'key: "{}"', 'Clé : {}']],
]);

/** Names of people as Koreans write them, `{}`, with what says that they are names. */
export const NAMED: readonly string[] = [
  '{}님께서 문의하신 내용에 답변드립니다.',
  '어제 {} 씨가 사무실에 다녀갔어요.',
  '{}님, 안녕하세요. 주문이 접수되었습니다.',
  '이번 건은 {} 과장님이 맡기로 했습니다.',
  '이름: {}',
  '성명 : {} / 생년월일 미기재',
  '담당자는 {}입니다.',
  '예금주 {} 확인 부탁드립니다.',
  '{} 고객님의 예약이 확정되었습니다.',
  '회의에는 {}님과 디자인팀이 참석합니다.',
  '신청자 {}의 서류를 검토했습니다.',
  '{}씨한테 물어보니 모른다고 했다.',
  '수령인: {}(본인)',
  '보호자 {}님께 연락드렸습니다.',
];

/** Korean sentences in which the same words name nobody. */
export const NAMELESS: readonly string[] = [
  '고객님께서 요청하신 환불이 처리되었습니다.',
  '오늘은 날씨가 맑고 바람이 시원합니다.',
  '선생님과 부모님이 함께 상담을 받으셨습니다.',
  '회원님의 등급이 다음 달에 변경됩니다.',
  '담당자 변경은 관리자에게 문의하세요.',
  '이름 없는 파일은 업로드할 수 없습니다.',
  '사용자님의 세션이 만료되었습니다.',
  '아저씨는 글씨를 참 예쁘게 쓰신다.',
  '팀장님이 회의를 내일로 미루셨습니다.',
  '대표님 일정에 맞춰 조정하겠습니다.',
  '마음씨 좋은 이웃을 만났다.',
  '신청자 정보가 올바르지 않습니다.',
  '이사님께 보고드린 뒤 진행하겠습니다.',
  '여러분의 의견을 기다립니다.',
  '예금주 확인이 필요합니다.',
  '수령인 주소를 다시 입력해 주세요.',
  '원장님은 오후에 오십니다.',
  '작성자는 본인만 수정할 수 있습니다.',
  '기사님이 도착하면 연락드리겠습니다.',
  '성명 또는 연락처를 입력하세요.',
  '불씨가 남아 있는지 확인하세요.',
  '손님이 많아 대기 시간이 깁니다.',
  '주문자 확인 후 발송합니다.',
  '교수님 강의 자료를 올려 두었습니다.',
];

const SURNAMES =
  '김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방';
const GIVEN = [
  '민준 서준 도윤 예준 시우 하준 주원 지호 지후 준서 서연 서윤 지우 서현 하은 하윤 민서 지유 윤서 채원',
  '영수 영희 철수 순자 미영 정숙 경희 상철 동현 성민 지훈 현우 은주 혜진 수진 보람 다은 유진 태영 재혁',
  '은지 나래 소영 광수 명자 춘식 옥순 기철 진우 세영 가영 희정 승호 용식 인성 효주 규리 아름 슬기 준호',
]
  .join(' ')
  .split(' ');

/** Full names, some of one given syllable, some with a family name of two. */
export const KOREAN_NAMES = {
  surnames: [...Array.from(SURNAMES), '남궁', '황보', '선우', '제갈'],
  given: GIVEN,
};

/** Family names of more than 99 in 100 Koreans. */
const SURNAMES = new Set(
  '김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용예경봉사부가복태목형피두감음빈동온호범좌팽승간상시갈단견당화',
);
const DOUBLE_SURNAMES = new Set(['남궁', '황보', '제갈', '선우', '독고', '사공', '서문', '동방', '망절']);
/** Syllables that given names are made of. */
const GIVEN = new Set(
  '엽흥요샘솜결가강건겸경고곤관광교구국군권규균근금기길나남노누늘다단달담대덕도동두라란람랑래려련렬령례로록료루류륜률름리린림마만명모목무문미민바반배백범별병보복봉비빈빛산삼상새서석선설섭성세소솔송수숙순술슬승시식신실심아안애양언업여연열영예오옥온완용우욱운웅원월위유윤율은을음의이익인일임자작잔장재전정제조종주준중지진찬창채천철청초춘충치탁태택평표필하학한함해향허헌혁현형혜호홍화환황회효후훈휘희',
);
/** Nobody's name, though each could be read as one; most are what people are, and called by. */
const NOT_NAMES = new Set(
  `고객 사용자 선생 아저씨 아가 신임 전임 후임 공동 아가씨 회원 이사 원장 조교 주임 차장 위원 강사 구독자 신부 전무 주인 장군 도련 변호사 선배 후배 하느 하나 부모 사모 이모 고모 교수 사장 부장
  과장 팀장 대표 기사 작가 의원 장관 시장 도지사 구청장 국장 실장 소장 지점장 점장 반장 이장 통장 단장 방장 조장 매니저 담당자 관리자 운영자 신청자 작성자 수신자 발신자 예금주 환자 보호자
  피보험자 상담원 상담사 직원 사원 안내원 경비원 연구원 조합원 공무원 여사 박사 석사 학사 의사 간호사 검사 판사 형사 경사 경위 순경 소방관 군인 시인 화가 가수 배우 감독 기자 이웃 여러분 서방 형수
  제수 처제 도사 대사 공사 영사 목사 전도사 집사 권사 장로 신자 성도 주교 추기경 교황 스승 제자 은사 임금 전하 폐하 마마 대감 영감 나리 도령 정승 판서 공주 왕자 왕비 황제 황후 주방장 지배인
  사회자 진행자 심사위원 위원장 조합장 노조 우리 서로 지금 이번 다음 오늘 내일 모두 전부 일부 아무 누구 한국 미국 중국 일본 서울 부산 대구 인천 광주 대전 울산 경기 강원 제주 전화 주소 이름
  성명 성함 연락처 주문 결제 배송 문의 안내 공지 예약 신청 상담 방문 이용 가입 정보 번호 확인 현재 최근 이상 이하 전체 기타 없음 미정 미상 해당 본인 가족 고문 자문 주치의 전문의 전공의 조리사
  미용사 설계사 중개사 회계사 세무사 노무사 변리사 법무사 관세사 영양사 약사 수의사 한의사 치과의사 도우미 가정부 유모 보모 교감 교장 이사장 총장 학장 처장 청장 차관 총리 대통령 주지 신도
  조상 신랑 신입 상사 동료 동기 주민 시민 국민 구민 유권자 후보 후보자 당선인 피해자 가해자 용의자 피의자 피고인 원고 피고 증인 고발인 고소인 채권자 채무자 임대인 임차인 매도인 매수인 양도인
  양수인 위임인 대리인 수임인 보증인 상속인 유족 사망자 부상자 확진자 구직자 지원자 응시자 합격자 수험생 학생 유학생 졸업생 신입생 재학생 어머 아버 할머 할아버 할머니 할아버지 어머니 아버지 누나 언니
  변경 추가 선택 설정 지정 조회 주의 전달 전환 이동 이전 이후 인증 인수 인계 배정 배치 성공 신규 임시 유의 유지 유효 안전 고지 공유 공개 구분 구성 구매 권한 기준 기록 기한 나이 노출
  동의 마감 명단 명의 모집 목록 민원 반환 방법 방식 변동 복구 부재 사유 사진 상태 서명 서류 성별 소속 소개 송신 승인 시간 신고 양식 양도 연결 연령 예정 오류 용도 우선 원본 위임 위치 은행
  이력 인원 임명 자격 장소 전송 제출 제한 조건 조정 종류 주기 지급 지역 진행 차단 차이 채널 표시 하단 한도 한정 허가 현황 호출 홍보 기본 공통 연동 연장 연기 양해 정산 정정 정리 정상 조치 지원 지시
  신령 예수 현자 은인 성인 노인 이용자 방문자 여행자 소유자 이수자 노동자 연구자 전문가 안내자 공급자 도전자 우승자 구매자 선수 장인 명인 상인 신사 숙녀 안주인 선장 함장 기장 역장 서장 동장
  하사 중사 원사 준위 소위 중위 대위 소령 중령 대령 준장 중장 대장 지인 배우자 임원 주주 선비 사부 사범 용사 전사 교주 지주 차주 천사 공자 맹자 노장 여신 성주 조수 조력자 봉사자 하숙인 하객 이재민
  유족 소비자 구직자 주최자 사업자 제작자 개발자 기획자 편집자 번역자 연출자 제보자 고발자 신고자 민원인 공모자 경쟁자 경험자 권리자 금주 남자 여자 양자 우리집 심판 심사위원 주연 조연 여주인 남주인 안사장
  장모 숙모 시청자 담임 의장 소설가 연예인 주장 소대장 중대장 병장 상병 일병 이병 승무원 사서 조종사 기관사 사육사 훈련사 통역사 상사 유채 아마 치아 형식 형태 유형 속성 변수 함수 한국인 한국어 정기 정도
  문화재 고려대 연세대 경희대 인하대 전남대 전북대 경북대 경남대 제주대 강원대 서강대 홍익대 인문대 경영대 공과대 한양대 국민대 명지대 조선대 선문대 우석대
  오빠 형 누 손 날 글 솜 말 마음 불 아 볍 홀 풀 꽃 종 목화 호박 수박 해바라기`.split(/\s+/),
);
/** What follows a name in a sentence. */
const PARTICLE =
  /^(?:입니다|이며|이고|이에요|예요|이라고|라고|이라는|라는|이었|였|이다|이란|은|는|이|가|을|를|과|와|의|도|만|께서|께|에게서|에게|한테|으로|로|님|씨|군|양|까지|부터|측|하고|랑|이랑|귀하|및|인데|인지|이신|이십니다|이랍니다|드림|배상|올림|여사|선생|고객|대리|과장|부장|차장|팀장|대표|사장|교수|기자|박사|원장|이사|사원|주임|실장|매니저)/;

/** Is the whole word one that a person may be called by, family name first? */
export function isFullName(word: string): boolean {
  if (NOT_NAMES.has(word)) return false;
  const isDouble = word.length >= 3 && DOUBLE_SURNAMES.has(word.slice(0, 2));
  if (isDouble) return word.length <= 4 && isGiven(word.slice(2));
  if (word.length < 2 || word.length > 4 || !SURNAMES.has(word.charAt(0))) return false;
  // Given names of three syllables, and a family name of one, are rare; most such words are something else.
  return word.length <= 3 && isGiven(word.slice(1));
}

/** Family names with a given name left out, as papers write them: `김모`, `박 모`. */
export function isVeiledName(word: string): boolean {
  return /^.(?:모|아무개)$/.test(word) && SURNAMES.has(word.charAt(0));
}

/** A family name alone, as in `박씨`. */
export function isSurname(word: string): boolean {
  return (SURNAMES.has(word) && !NOT_NAMES.has(word)) || DOUBLE_SURNAMES.has(word);
}

/** Two syllables that are somebody's given name. */
export function isGivenName(word: string): boolean {
  return word.length === 2 && isGiven(word) && !NOT_NAMES.has(word);
}

/** The name at the start of a run of Hangul, with nothing behind it but what may follow a name. */
export function nameAtStart(run: string): string | undefined {
  // 주문을 is an order, and not 주문을 of the house 주.
  for (const length of [2, 3, 4])
    if (NOT_NAMES.has(run.slice(0, length)) && PARTICLE.test(run.slice(length))) return undefined;
  for (const length of [3, 4, 2]) {
    const name = run.slice(0, length);
    if (name.length !== length || !isFullName(name)) continue;
    const rest = run.slice(length);
    if (rest === '' || PARTICLE.test(rest)) return name;
  }
  return undefined;
}

/** Does a syllable of Hangul stand there? */
export function isHangul(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= FIRST_SYLLABLE && unit <= LAST_SYLLABLE;
}

const FIRST_SYLLABLE = '가'.charCodeAt(0);
const LAST_SYLLABLE = '힣'.charCodeAt(0);

function isGiven(syllables: string): boolean {
  for (const syllable of syllables) if (!GIVEN.has(syllable)) return false;
  return syllables !== '';
}

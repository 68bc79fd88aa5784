/** What the pages say. `{name}` stands for a value, and is written in bold. */
export interface Texts {
  readonly language: 'en' | 'ko' | 'fr';
  readonly signIn: string;
  readonly signInTo: string;
  readonly userName: string;
  readonly password: string;
  readonly wrong: string;
  readonly wait: string;
  readonly signInWith: string;
  readonly allowTitle: string;
  readonly asks: string;
  readonly signedInAs: string;
  readonly otherAccount: string;
  readonly mayTitle: string;
  readonly mayUse: string;
  readonly mayStay: string;
  readonly mayScope: string;
  readonly sentTo: string;
  readonly onThisDevice: string;
  readonly loopbackWarning: string;
  readonly appWarning: string;
  readonly unverified: string;
  readonly unverifiedSite: string;
  readonly allow: string;
  readonly deny: string;
  readonly revokeLater: string;
  readonly failedTitle: string;
  readonly failed: string;
  readonly expired: string;
  readonly details: string;
}

const en: Texts = {
  language: 'en',
  signIn: 'Sign in',
  signInTo: 'to continue to {client}',
  userName: 'User name',
  password: 'Password',
  wrong: 'That user name and password do not match.',
  wait: 'Too many attempts. Try again in {time}.',
  signInWith: 'Continue with {site}',
  allowTitle: 'Allow access?',
  asks: '{client} wants to use your tools at {site}.',
  signedInAs: 'Signed in as {user}',
  otherAccount: 'Use another account',
  mayTitle: 'It will be able to',
  mayUse: 'use the tools, files and prompts that you may use',
  mayStay: 'do so while you are away, until the access is taken back',
  mayScope: 'use the permission {scope}',
  sentTo: 'You will be sent to',
  onThisDevice: 'a program on this device',
  loopbackWarning:
    'Any program on this device could say it is {client}. Allow this only if you have just started it yourself.',
  appWarning:
    'Whichever app on this device opens these links gets the access. Allow this only if you have just started it yourself.',
  unverified: 'The name {client} is what the client says of itself; nobody has checked it.',
  unverifiedSite: '{client} is identified by {site}.',
  allow: 'Allow',
  deny: 'Do not allow',
  revokeLater: 'Whoever runs this server can take the access back at any time.',
  failedTitle: 'This did not work',
  failed: 'Go back to the application that sent you here and try again.',
  expired: 'This page has expired. Go back to the application that sent you here and start again.',
  details: 'For whoever runs it:',
};

const ko: Texts = {
  language: 'ko',
  signIn: '로그인',
  signInTo: '로그인하면 {client}(으)로 이어집니다',
  userName: '사용자 이름',
  password: '비밀번호',
  wrong: '사용자 이름 또는 비밀번호가 올바르지 않습니다.',
  wait: '시도 횟수가 너무 많습니다. {time} 후에 다시 시도해 주세요.',
  signInWith: '{site} 계정으로 계속하기',
  allowTitle: '접근을 허용할까요?',
  asks: '{client}에서 {site}의 도구를 사용하려고 합니다.',
  signedInAs: '{user} 계정으로 로그인됨',
  otherAccount: '다른 계정 사용',
  mayTitle: '허용하면 다음 작업을 할 수 있습니다',
  mayUse: '내가 쓸 수 있는 도구, 파일, 프롬프트 사용',
  mayStay: '권한을 회수할 때까지 내가 없는 동안에도 계속 사용',
  mayScope: '{scope} 권한 사용',
  sentTo: '다음 위치로 이동합니다',
  onThisDevice: '이 기기에 있는 프로그램',
  loopbackWarning:
    '이 기기의 어떤 프로그램이든 {client}인 것처럼 꾸밀 수 있습니다. 방금 직접 실행한 경우에만 허용하세요.',
  appWarning: '이 링크를 여는 앱이 접근 권한을 받게 됩니다. 방금 직접 실행한 경우에만 허용하세요.',
  unverified: '{client}(이)라는 이름은 상대가 스스로 밝힌 것이며, 확인되지 않았습니다.',
  unverifiedSite: '{client}의 신원은 {site}에서 확인했습니다.',
  allow: '허용',
  deny: '허용 안 함',
  revokeLater: '허용한 접근 권한은 서버 관리자가 언제든지 회수할 수 있습니다.',
  failedTitle: '요청을 처리하지 못했습니다',
  failed: '원래 사용하던 앱으로 돌아가 다시 시도해 주세요.',
  expired: '페이지가 만료되었습니다. 원래 사용하던 앱으로 돌아가 처음부터 다시 시작해 주세요.',
  details: '서버 관리자를 위한 정보:',
};

const fr: Texts = {
  language: 'fr',
  signIn: 'Connexion',
  signInTo: 'pour continuer vers {client}',
  userName: 'Nom d’utilisateur',
  password: 'Mot de passe',
  wrong: 'Nom d’utilisateur ou mot de passe incorrect.',
  wait: 'Trop de tentatives. Réessayez dans {time}.',
  signInWith: 'Continuer avec {site}',
  allowTitle: 'Autoriser l’accès ?',
  asks: '{client} souhaite utiliser vos outils sur {site}.',
  signedInAs: 'Connecté en tant que {user}',
  otherAccount: 'Changer de compte',
  mayTitle: 'Cette application pourra',
  mayUse: 'utiliser les outils, fichiers et prompts auxquels vous avez accès',
  mayStay: 'continuer en votre absence, jusqu’au retrait de l’autorisation',
  mayScope: 'utiliser l’autorisation {scope}',
  sentTo: 'Vous serez redirigé vers',
  onThisDevice: 'un programme sur cet appareil',
  loopbackWarning:
    'N’importe quel programme de cet appareil pourrait se faire passer pour {client}. N’autorisez l’accès que si vous venez de le lancer vous-même.',
  appWarning:
    'L’application de cet appareil qui ouvre ces liens recevra l’accès. N’autorisez l’accès que si vous venez de la lancer vous-même.',
  unverified: 'Le nom {client} est celui que l’application se donne ; personne ne l’a vérifié.',
  unverifiedSite: '{client} est identifiée par {site}.',
  allow: 'Autoriser',
  deny: 'Refuser',
  revokeLater: 'L’administrateur de ce serveur peut retirer cet accès à tout moment.',
  failedTitle: 'L’opération a échoué',
  failed: 'Revenez à l’application d’où vous venez et réessayez.',
  expired: 'Cette page a expiré. Revenez à l’application d’où vous venez et recommencez.',
  details: 'Pour l’administrateur :',
};

const ALL: readonly Texts[] = [en, ko, fr];

/**
 * The texts in the language that somebody reads best.
 * @param accept the header `Accept-Language`
 */
export function textsFor(accept: string | undefined): Texts {
  const wanted = (accept ?? '')
    .split(',')
    .slice(0, 20)
    .map((part) => {
      const [tag = '', ...rest] = part.trim().toLowerCase().split(';');
      const weight = rest.map((each) => /^\s*q=([\d.]+)/.exec(each)?.[1]).find(Boolean);
      return { language: tag.split('-', 1)[0], q: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ q }) => q > 0)
    .toSorted((a, b) => b.q - a.q);
  for (const { language } of wanted) {
    const texts = ALL.find((each) => each.language === language);
    if (texts) return texts;
  }
  return en;
}

/** A time to wait, in this language. */
export function inWords(ms: number, { language }: Texts): string {
  const seconds = Math.ceil(ms / 1000);
  const [value, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

import { labelEndings } from '../label-endings.ts';
import type { AnchorRecogniser, ValueRecogniser } from '../recogniser.ts';
import { GIVEN_NAMES } from './given-names.ts';

/** One name: a capital, and letters after it. `O'Brien`, `Jean-Luc`, `McDonald`, `Éloïse`; an initial. */
const PART = String.raw`(?:\p{Lu}\p{Ll}*['’]?\p{Lu}?\p{Ll}+(?:-\p{L}\p{Ll}+)*|\p{Lu}\.)`;
const WORDS_BETWEEN = String.raw`(?:(?:de la|de|du|des|da|van der|van den|van|von|le|la|bin|al|el|d')\s?)?`;
const NAME = String.raw`${PART}(?:[ \t]${WORDS_BETWEEN}(?:${PART}|\p{Lu}{2,})){0,3}`;
/** French papers write the family name in capitals. */
const CAPITALS = String.raw`(?:\p{Lu}[\p{Lu}'’-]+[ \t]${PART}|${PART}[ \t]\p{Lu}[\p{Lu}'’-]+|\p{Lu}{2,}[ \t]\p{Lu}{2,})`;

const TITLED = new RegExp(
  String.raw`(?:(?:Mrs?|Ms|Miss|Dr|Prof|Professor|Doctor|Mme|Mlle|Monsieur|Madame|Mademoiselle|Docteur|Maître|Sir|Dame|Pr)\.?|M\.|My name is)[ \t\xa0]{1,2}(${CAPITALS}|${NAME})`,
  'uy',
);
/** What stands behind a title and is nobody. */
const NOT_NAMES =
  /^(?:Pepper|President|Chairman|Speaker|Mayor|Minister|Ambassador|Secretary|Manager|Who|Right|Universe|World|Bean|Robot|Speaker|le|la|The|And|Or|Is|Was|Will|To|In|Le|La|Les|Présidente?|Directeur|Directrice|Ministre|Maire|Juge)$/;

const IN_A_WORD = /[\p{L}\p{N}_.$@-]/u;

/** Names behind titles: Mr. John Smith, Mme Curie. The title is not part of the name. */
export const titled: AnchorRecogniser = {
  anchor: 'title',
  find(scan, position) {
    const { text } = scan;
    if (IN_A_WORD.test(text.charAt(position - 1))) return;
    TITLED.lastIndex = position;
    const name = TITLED.exec(text)?.[1];
    if (name === undefined || NOT_NAMES.test(name.split(/\s/)[0] ?? '')) return;
    const start = TITLED.lastIndex - name.length;
    const words = name.split(/\s/).length;
    scan.report('PERSON', start, start + name.length, words > 1 ? 0.85 : 0.7);
  },
};

const LABEL =
  /(?:^|[^\p{L}\p{N}_])((?:(?:full|first|last|middle|given|family|maiden|legal|customer|client|patient|employee|contact|user|account holder|cardholder|card holder|applicant|recipient|sender|guest|member|student|owner|emergency contact|manager|representative|beneficiary|passenger|candidate)['’]?s? name|name on card|surname|forename|name|customer|patient|contact|contact person|attn|attention|recipient|sender|cardholder|card holder|account holder|beneficiary|applicant|employee|guest|passenger|signed|signed by|signature|nom|noms|prénom|prénoms|nom complet|nom et prénom|nom de famille|nom du client|nom du patient|client|cliente|patiente|destinataire|expéditeur|titulaire|bénéficiaire|salariée?|assurée?|interlocuteur|responsable|my name is|i am called|je m['’]appelle|mon nom est))[ \t\xa0]{0,2}$/iu;
const mayBeLabel = labelEndings(
  'name card surname forename customer patient contact person attn attention recipient sender cardholder holder beneficiary applicant employee guest passenger signed by signature nom noms prénom prénoms complet famille client cliente patiente destinataire expéditeur titulaire bénéficiaire salarié salariée assuré assurée interlocuteur responsable is called appelle est'.split(
    ' ',
  ),
);
const VALUE = new RegExp(String.raw`[ \t\xa0]{0,4}["'“*]{0,2}(${CAPITALS}|${NAME})`, 'uy');
/** What only says that a name follows when it looks like one: half of what is called a name is that of a thing. */
const WEAK =
  /^(?:name|user name|contact|client|cliente|customer|recipient|sender|owner name|owner|manager|signature|responsable|attention|member name|account name)$/;

/** Names behind labels: Patient: Jane Doe, Nom : Dupont. */
export const latinLabel: AnchorRecogniser = {
  anchor: 'colon',
  find(scan, colon) {
    const { text } = scan;
    if (!mayBeLabel(text, colon)) return;
    VALUE.lastIndex = colon + 1;
    const name = VALUE.exec(text)?.[1];
    if (name === undefined) return;
    const start = VALUE.lastIndex - name.length;
    // The identifier goes on: Foo.bar(), FooBar1, Foo::Bar.
    if (
      /[\p{L}\p{N}_(:/@.=[<\\-]/u.test(text.charAt(VALUE.lastIndex)) &&
      !/^\.(?:\s|$)/.test(text.slice(VALUE.lastIndex))
    )
      return;
    const label = LABEL.exec(text.slice(Math.max(0, colon - 28), colon))?.[1]?.toLowerCase();
    if (label !== undefined)
      judge(name, label, (score) => scan.report('PERSON', start, start + name.length, score));
  },
};

const KEY =
  /^(?:.*\s)?(?:full name|first name|last name|given name|family name|surname|display name|real name|customer(?: name)?|patient(?: name)?|contact(?: name| person)?|employee(?: name)?|cardholder(?: name)?|holder(?: name)?|recipient(?: name)?|sender(?: name)?|applicant|beneficiary|owner(?: name)?|author|assignee|manager|user name|name|nom|nom complet|prénom|prenom|client|titulaire|destinataire|이름|성명|고객명?|담당자|예금주)$/;
const WHOLE = new RegExp(String.raw`^(?:${CAPITALS}|${NAME})$`, 'u');

/** The whole value of a JSON key that is about a name. */
export const latinValue: ValueRecogniser = {
  anchor: 'value',
  isAbout: (key) => KEY.test(key),
  find(scan) {
    const { text, key } = scan;
    if (text.length > 60 || !WHOLE.test(text)) return;
    judge(
      text,
      /(?:first|last|given|family|full|customer|patient|employee|holder|real) ?(?:name)?$|prénom|prenom|^nom\b|이름|성명|예금주/.test(
        key,
      )
        ? ''
        : 'name',
      (score) => scan.report('PERSON', 0, text.length, score),
    );
  },
};

/** A given name that many have tells more than capitals do. */
function judge(name: string, label: string, report: (score: number) => void): void {
  const words = name.toLowerCase().split(/[\s-]+/);
  const isKnown = words.some((word) => GIVEN_NAMES.has(word));
  if (WEAK.test(label)) {
    if (isKnown && words.length > 1) report(0.75);
  } else if (!NOT_NAMES.test(name)) report(isKnown || words.length > 1 ? 0.8 : 0.6);
}

import { isObject, type JsonValue } from '../../core/json.ts';

/** Characters that a person does not see, and a model reads: zero width, direction, tags, fillers, variation selectors. */
const HIDDEN = /\p{Default_Ignorable_Code_Point}|[\ufff9-\ufffb]/u;
/** An emoji is made with these two; alone they are nothing to hide behind. */
const EMOJI = /\p{Extended_Pictographic}[\ufe0f\u200d\p{Emoji_Modifier}\p{Extended_Pictographic}]*/gu;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\0-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** What a description has no reason to say. Each a sentence to a model and not about a tool. */
const INSTRUCTIONS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:previous|prior|above|earlier|all|other|system)\b.{0,40}\b(?:instruction|prompt|rule|message|context)/is,
  /\b(?:do not|don't|never|must not)\b.{0,30}\b(?:tell|mention|inform|reveal|show|notify|disclose|alert)\b.{0,30}\b(?:user|human|person|anyone)/is,
  /<\/?\s*(?:important|system|secret|instructions?|admin|critical|hidden)\s*>/i,
  /\b(?:before|instead of|after)\b.{0,30}\b(?:using|calling|invoking)\b.{0,30}\b(?:any|every|other|all)\b.{0,20}\btools?\b/is,
  /\b(?:read|send|include|attach|pass|append|upload)\b.{0,60}(?:~\/\.ssh|id_rsa|\.env\b|mcp\.json|\/etc\/passwd|api[ _-]?keys?|credentials?|private keys?|conversation history|system prompt)/is,
  /\b(?:ignore[zr]?|oublie[zr]?)\b.{0,40}\b(?:instructions?|consignes?|règles?)\b/is,
  /\bne\b.{0,20}\b(?:dites|dis|mentionne[zr]?|révèle[zr]?)\b.{0,30}\b(?:utilisateur|personne)/is,
  /(?:이전|위의|앞의|기존|모든).{0,15}(?:지시|명령|규칙|프롬프트).{0,15}(?:무시|잊)/s,
  /(?:사용자|유저)(?:에게|한테).{0,20}(?:말하지|알리지|밝히지|보여주지)/s,
];

/**
 * Why a text of a server is to be looked at by a person before a model reads it. A heuristic: what is not found is not
 * therefore harmless; what keeps a tool as it was agreed to is its pin.
 */
export function suspicionsOf(value: JsonValue): string[] {
  const texts: string[] = [];
  collect(value, texts);
  const found = new Set<string>();
  for (const text of texts) {
    if (CONTROL.test(text)) found.add('control characters');
    if (HIDDEN.test(text.replaceAll(EMOJI, ''))) found.add('characters that cannot be seen');
    if (INSTRUCTIONS.some((pattern) => pattern.test(text))) found.add('words that instruct the model');
  }
  return [...found];
}

/** No text of a tool is looked through beyond this. */
const LONGEST = 100_000;

function collect(value: JsonValue, into: string[]): void {
  const open: JsonValue[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'string') into.push(next.slice(0, LONGEST));
    else if (Array.isArray(next)) open.push(...next);
    else if (isObject(next)) for (const [key, member] of Object.entries(next)) open.push(key, member);
  }
}

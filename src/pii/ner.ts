import type { JsonValue } from '../core/json.ts';
import type { Entity } from './entity.ts';
import { rewriteTexts } from './json.ts';

/** A piece that a model takes for one kind of name, as transformers.js gives it. */
interface Token {
  readonly entity: string;
  readonly score: number;
  /** Of the word piece; `##` in front means that it goes on. */
  readonly word: string;
}

/** A token classification model that was loaded. */
export type Model = (text: string) => Promise<readonly Token[]>;

/** Longer texts are cut: the usual models read 512 word pieces. */
const LONGEST = 1500;
const NAME = 'PERSON';
const IS_PERSON = /(?:^|[-_])(?:PER|PS|PERSON|NAME)(?:$|[-_])/i;

interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  pipeline(task: 'token-classification', model: string, options: object): Promise<Model>;
}

/**
 * Loads a model from a folder with `@huggingface/transformers`, which has to be installed beside Sallyport. Nothing is
 * fetched from anywhere.
 * @throws when the package or the model is not there
 */
export async function openModel(folder: string): Promise<Model> {
  // Through a variable, since the package is optional: nobody has its types either.
  const name = '@huggingface/transformers';
  let transformers: Transformers;
  try {
    transformers = (await import(name)) as Transformers;
  } catch (error) {
    throw new Error(`guard.ner needs the package ${name}: npm install ${name}`, { cause: error });
  }
  transformers.env.allowRemoteModels = false;
  transformers.env.localModelPath = '/';
  return transformers.pipeline('token-classification', folder, { local_files_only: true });
}

/** Finds the names in all texts of a value, to be looked up text by text. */
export function namesIn(
  model: Model,
  threshold: number,
): (value: JsonValue) => Promise<(text: string) => readonly Entity[]> {
  return async (value) => {
    const texts = new Set<string>();
    rewriteTexts(value, (text) => {
      if (/\p{L}{2}/u.test(text)) texts.add(text);
      return text;
    });
    const found = new Map<string, Entity[]>();
    for (const text of texts) found.set(text, await namesOf(model, text, threshold));
    return (text) => found.get(text) ?? [];
  };
}

/** The names in one text: neighbouring pieces are one name, and are found again in the text one after another. */
async function namesOf(model: Model, text: string, threshold: number): Promise<Entity[]> {
  const names: { start: number; end: number; score: number }[] = [];
  for (let from = 0; from < text.length; from += LONGEST) {
    let at = from;
    for (const { entity, score, word } of await model(text.slice(from, from + LONGEST))) {
      const piece = word.replace(/^(?:##|▁|Ġ)/, '');
      const start = text.indexOf(piece, at);
      if (start === -1 || piece === '') continue;
      at = start + piece.length;
      if (!IS_PERSON.test(entity) || score < threshold) continue;
      const last = names.at(-1);
      const isOne = last && !/^B[-_]/i.test(entity) && /^\s?$/.test(text.slice(last.end, start));
      if (isOne) last.end = at;
      else names.push({ start, end: at, score });
    }
  }
  return names.map((name) => ({ type: NAME, ...name }));
}

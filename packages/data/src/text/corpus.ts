/** A text to learn from and one to be measured on, as the ids of their words. */
import { ArgumentError, args } from "@needle/ndarray";
import * as kinds from "../kinds.ts";
import { nodeFiles } from "../platform.ts";
import { Dictionary } from "./dictionary.ts";

/** The word that ends every line. */
const endOfLine = "<eos>";

/** Options of Corpus. */
export interface CorpusOptions {
  /** How many lines of each text to take. Default all. */
  readonly maxLines?: number | undefined;
}

const textKinds = { train: kinds.text, test: kinds.text };

const corpusKinds: args.Kinds<CorpusOptions> = {
  maxLines: {
    expected: "a whole number of at least 0",
    holds: (count) => count === Number.POSITIVE_INFINITY || args.whole(0).holds(count),
  },
};

/**
 * Two texts as ids of words, those of the first numbered first: each line is its words, which
 * spaces separate, and `<eos>`.
 *
 * CMU 10-714 hw4.
 *
 * @throws ArgumentError unless `maxLines` is a whole number.
 *
 * @example
 * import { Corpus } from "@needle/data";
 * const corpus = new Corpus({ train: "the sea\nthe whale\n", test: "a whale\n" });
 * [...corpus.train]; // => [0,1,2,0,3,2]
 * [...corpus.test]; // => [4,3,2]
 * corpus.dictionary.decode(corpus.test).join(" "); // => a whale <eos>
 */
export class Corpus {
  readonly dictionary: Dictionary = new Dictionary();
  readonly train: Int32Array;
  readonly test: Int32Array;

  constructor(
    texts: { readonly train: string; readonly test: string },
    options: CorpusOptions = {},
  ) {
    args.checkOptions("Corpus", texts, textKinds, ["train", "test"]);
    args.checkOptions("Corpus", options, corpusKinds);
    const { maxLines = Number.POSITIVE_INFINITY } = options;
    this.train = this.#tokenize(texts.train, maxLines);
    this.test = this.#tokenize(texts.test, maxLines);
  }

  /**
   * Reads `train.txt` and `test.txt` of a folder, where there is a file system.
   *
   * @throws ArgumentError where there is none; what the file system throws when a file is missing.
   */
  static async read(folder: string, options: CorpusOptions = {}): Promise<Corpus> {
    args.check("Corpus", "the folder", folder, kinds.text);
    args.checkOptions("Corpus", options, corpusKinds);
    const files = nodeFiles();
    if (files === undefined) {
      const remedy = "Fetch the texts and pass them to the constructor.";
      throw new ArgumentError("Corpus", `there is no file system to read ${folder} from`, remedy);
    }
    const train = await files.readFile(`${folder}/train.txt`, "utf8");
    const test = await files.readFile(`${folder}/test.txt`, "utf8");
    return new Corpus({ train, test }, options);
  }

  #tokenize(text: string, maxLines: number): Int32Array {
    const ids: number[] = [];
    const lines = text.split(/\r\n|\r|\n/);
    // What follows the last line break is a line only if there is something.
    if (lines.at(-1) === "") lines.pop();
    for (const line of lines.slice(0, maxLines)) {
      const words = line.trim().split(/\s+/);
      for (const word of words) if (word !== "") ids.push(this.dictionary.addWord(word));
      ids.push(this.dictionary.addWord(endOfLine));
    }
    return Int32Array.from(ids);
  }
}

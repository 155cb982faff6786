import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError, IndexError, memory, ShapeError, zeros } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { batchify, CharacterTokenizer, Corpus, Dictionary, getBatch } from "../index.ts";

describe("Dictionary", () => {
  test("numbers words by first appearance", () => {
    const dictionary = new Dictionary();
    expect(["b", "a", "b", "c", "a"].map((word) => dictionary.addWord(word))).toEqual([
      0, 1, 0, 2, 1,
    ]);
    expect(dictionary.length).toBe(3);
    expect(dictionary.idx2word).toEqual(["b", "a", "c"]);
    expect([...dictionary.word2idx]).toEqual([
      ["b", 0],
      ["a", 1],
      ["c", 2],
    ]);
  });

  test("knows words that objects have by themselves only once they are added", () => {
    const dictionary = new Dictionary(["whale"]);
    expect(() => dictionary.encode(["constructor"])).toThrow(ArgumentError);
    expect(dictionary.addWord("__proto__")).toBe(1);
    expect([...dictionary.encode(["__proto__"])]).toEqual([1]);
  });

  test("refuses unknown words and ids", () => {
    const dictionary = new Dictionary(["whale"]);
    expect(() => dictionary.encode(["whale", "sea"])).toThrow(
      new ArgumentError(
        "Dictionary",
        '"sea" is not among the 1 known',
        "Add it with addWord first.",
      ),
    );
    for (const id of [1, -1, 0.5]) {
      expect(() => dictionary.decode([id])).toThrow(
        new IndexError("Dictionary", `no word has the id ${id}, there are 1`),
      );
    }
  });
});

test("characters are code points, and come back", () => {
  const text = "Œ! 🐋🐋?";
  const tokenizer = new CharacterTokenizer(text);
  expect([...tokenizer.encode(text)]).toEqual([0, 1, 2, 3, 3, 4]);
  expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  expect(() => tokenizer.encode("x")).toThrow(/"x" is not among the 5 known/);
});

describe("Corpus", () => {
  test("both texts share a dictionary, and lines end with <eos>, empty ones too", () => {
    const corpus = new Corpus({ train: "a  b\r\n\n c\ta \nb", test: "b d\n" });
    expect(corpus.dictionary.decode(corpus.train)).toEqual(
      "a b <eos> <eos> c a <eos> b <eos>".split(" "),
    );
    expect([...corpus.test]).toEqual([1, 4, 2]);
    expect(corpus.dictionary.idx2word).toEqual(["a", "b", "<eos>", "c", "d"]);
  });

  test("takes the first lines of each text only", () => {
    const corpus = new Corpus({ train: "a\nb\nc\n", test: "d\ne\nf\n" }, { maxLines: 2 });
    expect(corpus.dictionary.idx2word).toEqual(["a", "<eos>", "b", "d", "e"]);
    expect(new Corpus({ train: "a", test: "b" }, { maxLines: 0 }).dictionary.length).toBe(0);
    expect(() => new Corpus({ train: "", test: "" }, { maxLines: 1.5 })).toThrow(
      new ArgumentError("Corpus", "maxLines must be a whole number of at least 0, got 1.5"),
    );
  });

  test("is read from a folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "needle-corpus-"));
    try {
      await expect(Corpus.read(folder)).rejects.toThrow(/ENOENT/);
      writeFileSync(join(folder, "train.txt"), "the sea\nthe whale\n");
      writeFileSync(join(folder, "test.txt"), "a whale\nand more\n");
      const corpus = await Corpus.read(folder, { maxLines: 1 });
      expect([...corpus.train, ...corpus.test]).toEqual([0, 1, 2, 3, 4, 2]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("batchify", () => {
  test("columns go on from row to row, and the rest is dropped", () => {
    const letters = Array.from({ length: 26 }, (_, i) => i);
    const batches = batchify(letters, 4);
    expect(batches.dtype).toBe("int32");
    // The course's picture: a g m s / b h n t / ... / f l r x, without y and z.
    expect(batches.shape).toEqual([6, 4]);
    expect(batches.slice(0).toArray()).toEqual([0, 6, 12, 18]);
    expect(batches.slice(5).toArray()).toEqual([5, 11, 17, 23]);
  });

  test.each([0, 4, 1.5, -1])("refuses %s columns for three elements", (batchSize) => {
    expect(() => batchify([1, 2, 3], batchSize)).toThrow(
      new ArgumentError(
        "batchify",
        `batchSize must be a whole number from 1 to 3, the length of the data, got ${batchSize}`,
      ),
    );
  });
});

describe("getBatch", () => {
  const batches = batchify(
    Array.from({ length: 20 }, (_, i) => i),
    2,
  );

  test("targets are the elements one row on, flat", () => {
    const [x, y] = getBatch(batches, 3, 2);
    expect(x.toArray()).toEqual([
      [3, 13],
      [4, 14],
    ]);
    expect(y.toArray()).toEqual([4, 14, 5, 15]);
    expect([x.dtype, y.dtype, x.requiresGrad]).toEqual(["int32", "int32", false]);
  });

  test("the last chunk is shorter, since its last row has nothing after it", () => {
    const [x, y] = getBatch(batches, 8, 5);
    expect(x.shape).toEqual([1, 2]);
    expect(y.toArray()).toEqual([9, 19]);
  });

  test("chunks cover every row but the last as input, and every row but the first as target", () => {
    const [inputs, targets]: [number[], number[]] = [[], []];
    for (let i = 0; i < 9; i += 4) {
      const [x, y] = getBatch(batches, i, 4);
      inputs.push(...x.reshape([-1]).toTypedArray());
      targets.push(...y.toTypedArray());
    }
    const all = [...batches.reshape([-1]).toTypedArray()];
    expect(inputs).toEqual(all.slice(0, -2));
    expect(targets).toEqual(all.slice(2));
  });

  test("takes no memory of its own", () => {
    const before = memory().bytes;
    const chunks = Array.from({ length: 50 }, (_, i) => getBatch(batches, i % 8, 3));
    expect(memory().bytes).toBe(before);
    expect(chunks).toHaveLength(50);
  });

  test("refuses rows that have none after them, and sizes that make no chunk", () => {
    for (const i of [9, -1, 0.5]) {
      expect(() => getBatch(batches, i, 2)).toThrow(
        new IndexError("getBatch", `row ${i} of 10 has no row after it to be predicted`),
      );
    }
    expect(() => getBatch(batches, 0, 0)).toThrow(
      new ArgumentError("getBatch", "bptt must be a whole number of at least 1, got 0"),
    );
    expect(() => getBatch(zeros([4]), 0, 1)).toThrow(
      new ShapeError("getBatch", "expected [rows,batch], got [4]"),
    );
  });
});

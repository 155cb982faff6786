import { expect, test } from "vitest";
import { characters, loadBook, unigramEntropy, words } from "./book.ts";

test("the book is ASCII, a line a paragraph, every tenth chapter apart", async () => {
  const { train, test: rest } = await loadBook();
  expect(train).toMatch(/^Call me Ishmael\. Some years ago--never mind how long precisely--/);
  for (const text of [train, rest]) {
    expect(text).toMatch(/^[\n -~]+\n$/);
    expect(text).not.toMatch(/\n\n/);
  }
  // Chapter 10, and chapter 11, which begin so.
  expect(rest).toContain("Returning to the Spouter-Inn from the Chapel");
  expect(train).not.toContain("Returning to the Spouter-Inn from the Chapel");
  expect(train).toContain("We had lain thus in bed");
  expect(train.length / (train.length + rest.length)).toBeGreaterThan(0.85);
});

test("characters come back as they were", () => {
  const tokens = characters({ train: "abcab", test: "dab" }, 4);
  expect([[...tokens.train], [...tokens.test], tokens.size]).toEqual([[0, 1, 2, 0], [3, 0, 1], 4]);
  expect(tokens.decode(tokens.encode("bad"))).toBe("bad");
});

test("words and marks stand alone, and rare words are one", () => {
  const texts = { train: 'The whale, the "sea"--the whale!\nAhab\n', test: "A sea.\n" };
  const tokens = words(texts, 3);
  expect(tokens.decode(tokens.train)).toBe(
    'the whale <unk> the " <unk> " <unk> the whale <unk>\n <unk>\n',
  );
  expect(tokens.size).toBe(5);
  expect(tokens.decode(tokens.test)).toBe("<unk> <unk> <unk>\n");
  expect([...tokens.encode("The Whale ")]).toEqual([0, 1]);
});

test("the entropy of equal frequencies is the logarithm of their number", () => {
  expect(unigramEntropy(Int32Array.of(3, 1, 2, 0))).toBeCloseTo(Math.log(4), 12);
  expect(unigramEntropy(Int32Array.of(5, 5))).toBe(0);
  // By hand: -(3/4) log(3/4) - (1/4) log(1/4).
  expect(unigramEntropy(Int32Array.of(1, 1, 0, 1))).toBeCloseTo(0.5623351446188083, 12);
});

import { describe, expect, test } from "vitest";
import { ArgumentError } from "../errors.ts";
import {
  keyFromSeed,
  type PhiloxBlock,
  type PhiloxKey,
  philox4x32,
  philoxUniform32,
  philoxUniform64,
  philoxWords,
} from "./philox.ts";

// The known-answer vectors of Random123, the authors' library: counter, key, block.
const knownAnswers: readonly [PhiloxBlock, PhiloxKey, PhiloxBlock][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

/** `count` words from `offset` on. */
function words(key: PhiloxKey, offset: number, count: number): Uint32Array {
  const out = new Uint32Array(count);
  philoxWords(out, key, offset);
  return out;
}

/** Philox-4x32-10 in whole numbers without bound, which cannot go wrong at 32 bits. */
function philoxBigInt(counter: PhiloxBlock, key: PhiloxKey): PhiloxBlock {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  for (let round = 0n; round < 10n; round++) {
    const k0 = BigInt.asUintN(32, BigInt(key[0]) + round * 0x9e3779b9n);
    const k1 = BigInt.asUintN(32, BigInt(key[1]) + round * 0xbb67ae85n);
    const product0 = c0 * 0xd2511f53n;
    const product1 = c2 * 0xcd9e8d57n;
    c0 = (product1 >> 32n) ^ c1 ^ k0;
    c1 = BigInt.asUintN(32, product1);
    c2 = (product0 >> 32n) ^ c3 ^ k1;
    c3 = BigInt.asUintN(32, product0);
  }
  return [Number(c0), Number(c1), Number(c2), Number(c3)];
}

describe("philox4x32", () => {
  test.each(knownAnswers)("of counter %j and key %j is %j", (counter, key, block) => {
    expect(philox4x32(counter, key)).toEqual(block);
  });

  test("equals the algorithm in unbounded whole numbers", () => {
    const inputs = words([1, 2], 0, 6 * 500);
    for (let i = 0; i < inputs.length; i += 6) {
      const [c0, c1, c2, c3, k0, k1] = inputs.subarray(i, i + 6) as unknown as number[];
      const counter = [c0!, c1!, c2!, c3!] as const;
      expect(philox4x32(counter, [k0!, k1!])).toEqual(philoxBigInt(counter, [k0!, k1!]));
    }
  });
});

describe("philoxWords", () => {
  test("fills with the blocks of the counters 0, 1, 2, …", () => {
    const key = keyFromSeed(2 ** 53 - 1);
    const blocks = [0, 1, 2, 3].flatMap((block) => philox4x32([block, 0, 0, 0], key));
    expect([...words(key, 0, 16)]).toEqual(blocks);
  });

  test("from any offset is the tail of the longer stream", () => {
    const key = keyFromSeed(42);
    const whole = words(key, 0, 64);
    for (let offset = 0; offset < 12; offset++) {
      for (let count = 0; count < 20; count++) {
        expect(words(key, offset, count)).toEqual(whole.slice(offset, offset + count));
      }
    }
  });

  test("carries into the block number's high word", () => {
    const key = keyFromSeed(7);
    const expected = [0xfffffffe, 0xffffffff].flatMap((low) => philox4x32([low, 4, 0, 0], key));
    expected.push(...philox4x32([0, 5, 0, 0], key));
    const offset = 4 * (5 * 2 ** 32 - 2);
    expect([...words(key, offset, 12)]).toEqual(expected);
    expect([...words(key, offset + 3, 7)]).toEqual(expected.slice(3, 10));
  });

  test("reaches the last word a safe integer can number", () => {
    const key = keyFromSeed(7);
    const last = Number.MAX_SAFE_INTEGER - 1;
    const block = philox4x32([0xffffffff, 2 ** 19 - 1, 0, 0], key);
    expect([...words(key, last, 1)]).toEqual([block[2]]);
  });

  test("fills a window of a signed array with the same bits and nothing else", () => {
    const memory = new Int32Array(12);
    philoxWords(memory.subarray(3, 9), [1, 2], 5);
    expect(Uint32Array.from(memory.subarray(3, 9))).toEqual(words([1, 2], 5, 6));
    expect([...memory.subarray(0, 3), ...memory.subarray(9)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("says which offsets it takes", () => {
    expect(() => words([0, 0], -1, 4)).toThrow(
      new ArgumentError(
        "philox",
        "expected a whole number from 0 to 9007199254740987, got -1 (offset)",
      ),
    );
    expect(() => words([0, 0], 0.5, 4)).toThrow("got 0.5 (offset)");
    expect(() => words([0, 0], 2 ** 53, 0)).toThrow("got 9007199254740992 (offset)");
  });
});

describe("uniform numbers", () => {
  const count = 100_000;
  const float32 = new Float32Array(count);
  const float64 = new Float64Array(count);
  philoxUniform32(float32, keyFromSeed(1), 0);
  philoxUniform64(float64, keyFromSeed(1), 0);

  test("float32 takes the high 24 bits of one word", () => {
    const expected = Array.from(words([9, 8], 3, 5), (word) => Math.floor(word / 2 ** 8) / 2 ** 24);
    const out = new Float32Array(5);
    philoxUniform32(out, [9, 8], 3);
    expect([...out]).toEqual(expected);
  });

  test("float64 takes the high 27 bits of one word and the high 26 of the next", () => {
    const [a, b, c, d] = words([9, 8], 3, 4) as unknown as [number, number, number, number];
    const join = (high: number, low: number): number =>
      Math.floor(high / 2 ** 5) / 2 ** 27 + Math.floor(low / 2 ** 6) / 2 ** 53;
    const out = new Float64Array(2);
    philoxUniform64(out, [9, 8], 3);
    expect([...out]).toEqual([join(a, b), join(c, d)]);
  });

  test("fill a window of an array and nothing else", () => {
    const memory = new Float64Array(5);
    const expected = new Float64Array(3);
    philoxUniform64(memory.subarray(1, 4), [0, 0], 0);
    philoxUniform64(expected, [0, 0], 0);
    expect([...memory]).toEqual([0, ...expected, 0]);
  });

  test.each([
    ["float32", float32],
    ["float64", float64],
  ])("%s lies in [0, 1), with the uniform's moments", (_, values) => {
    let sum = 0;
    let squares = 0;
    let inside = 0;
    for (const x of values) {
      if (x >= 0 && x < 1) inside++;
      sum += x;
      squares += (x - 0.5) ** 2;
    }
    expect(inside).toBe(count);
    // Four standard errors: sqrt(1/12 / n) for the mean, sqrt(1/180 / n) for the variance.
    expect(Math.abs(sum / count - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / count));
    expect(Math.abs(squares / count - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / count));
  });

  test.each([
    ["float32", float32],
    ["float64", float64],
  ])("%s pairs fill a 16 by 16 grid evenly", (_, values) => {
    const cells = new Float64Array(256);
    for (let i = 0; i < count; i += 2) {
      cells[16 * Math.floor(16 * values[i]!) + Math.floor(16 * values[i + 1]!)]! += 1;
    }
    const expected = count / 2 / 256;
    const chiSquare = cells.reduce((sum, cell) => sum + (cell - expected) ** 2 / expected, 0);
    // 255 degrees of freedom: mean 255, standard deviation sqrt(510); four of them either side.
    expect(Math.abs(chiSquare - 255)).toBeLessThan(4 * Math.sqrt(510));
  });

  test("streams of neighbouring keys and offsets are uncorrelated", () => {
    const centred = (key: PhiloxKey, offset: number): Float64Array => {
      const out = new Float64Array(count);
      philoxUniform64(out, key, offset);
      return out.map((x) => x - 0.5);
    };
    const here = centred([0, 0], 0);
    for (const other of [centred([1, 0], 0), centred([0, 1], 0), centred([0, 0], 2 * count)]) {
      const covariance = here.reduce((sum, x, i) => sum + x * other[i]!, 0) / count;
      // Four standard errors of the mean of a product of two such numbers, each of variance 1/12.
      expect(Math.abs(covariance)).toBeLessThan((4 * (1 / 12)) / Math.sqrt(count));
    }
  });
});

describe("keyFromSeed", () => {
  test("splits a seed into its low and high words", () => {
    expect(keyFromSeed(0)).toEqual([0, 0]);
    expect(keyFromSeed(2 ** 32 + 7)).toEqual([7, 1]);
    expect(keyFromSeed(2 ** 53 - 1)).toEqual([0xffffffff, 2 ** 21 - 1]);
  });
});

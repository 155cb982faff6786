// Philox-4x32-10, a counter-based random stream: word w is a pure function of (key, w), so any
// part of a stream can be made alone, in any order, on any device, with the same result.
// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
// Leaves distributions other than the uniform, and who owns which key and offset, to its callers.

import { check, type Kind } from "../args.ts";
import { checkWhole } from "./whole.ts";

/** Two 32-bit words that name a stream. */
export type PhiloxKey = readonly [number, number];

/** Four 32-bit words: a counter on the way in, a block of the stream on the way out. */
export type PhiloxBlock = readonly [number, number, number, number];

const rounds = 10;

// The paper's multipliers, and the amounts the key grows by each round (golden ratio, sqrt(3) - 1).
const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;

/**
 * One block of Philox-4x32-10: four random words from a counter and a key.
 *
 * @returns four whole numbers from 0 to 2^32 - 1
 *
 * @example
 * import { philox4x32 } from "@needle/ndarray";
 * philox4x32([0, 0, 0, 0], [0, 0]); // => [1713891541,3781805453,3159862348,2600524760]
 */
export function philox4x32(counter: PhiloxBlock, key: PhiloxKey): [number, number, number, number] {
  check("philox4x32", "counter", counter, wordKinds[4]);
  check("philox4x32", "key", key, wordKinds[2]);
  return philoxBlock(counter, key);
}

/** So many 32-bit words; signed ones are the same bits. */
function words(count: number): Kind {
  return {
    expected: `${count} whole numbers of 32 bits`,
    holds: (value) =>
      Array.isArray(value) &&
      value.length === count &&
      value.every((word) => Number.isInteger(word) && word >= -(2 ** 31) && word < 2 ** 32),
  };
}

const wordKinds = { 2: words(2), 4: words(4) };

/** `philox4x32` for words that are known to be some. */
export function philoxBlock(
  counter: PhiloxBlock,
  key: PhiloxKey,
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(c0, multiplier0);
    const high1 = multiplyHigh(c2, multiplier1);
    const low0 = Math.imul(c0, multiplier0);
    const low1 = Math.imul(c2, multiplier1);
    [c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0];
    k0 = (k0 + weyl0) | 0;
    k1 = (k1 + weyl1) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/**
 * Fills `out` with words `offset`, `offset + 1`, … of the key's stream.
 *
 * Word w is lane w % 4 of block floor(w / 4). The block's number is the low 64 bits of the counter;
 * the high 64 bits are 0.
 *
 * @throws ArgumentError if `offset` is not a whole number, or the last word's number passes 2^53 -
 *   1
 */
export function philoxWords(out: Uint32Array | Int32Array, key: PhiloxKey, offset: number): void {
  const length = out.length;
  checkWhole("philox", offset, Number.MAX_SAFE_INTEGER - length, "offset");
  // Signed words keep the engine's arithmetic in 32-bit registers; the bits are the same.
  const words = new Int32Array(out.buffer, out.byteOffset, length);
  const head = Math.min((4 - (offset % 4)) % 4, length);
  const tail = length - ((length - head) % 4);
  for (let i = 0; i < head; i++) words[i] = wordAt(key, offset + i);
  fillBlocks(words.subarray(head, tail), key, (offset + head) / 4);
  for (let i = tail; i < length; i++) words[i] = wordAt(key, offset + i);
}

/**
 * Fills `out` with float32 numbers uniform in [0, 1), multiples of 2^-24; element i takes word
 * `offset + i`.
 *
 * @throws ArgumentError as {@link philoxWords}
 */
export function philoxUniform32(out: Float32Array, key: PhiloxKey, offset: number): void {
  // The words are written where their numbers will stand, so no second array is needed.
  const words = new Int32Array(out.buffer, out.byteOffset, out.length);
  philoxWords(words, key, offset);
  for (let i = 0; i < out.length; i++) out[i] = (words[i]! >>> 8) * 2 ** -24;
}

/**
 * Fills `out` with float64 numbers uniform in [0, 1), multiples of 2^-53; element i takes words
 * `offset + 2i` (its high 27 bits) and `offset + 2i + 1` (its low 26 bits).
 *
 * @throws ArgumentError as {@link philoxWords}
 */
export function philoxUniform64(out: Float64Array, key: PhiloxKey, offset: number): void {
  const words = new Int32Array(out.buffer, out.byteOffset, 2 * out.length);
  philoxWords(words, key, offset);
  for (let i = 0; i < out.length; i++) {
    out[i] = ((words[2 * i]! >>> 5) * 2 ** 26 + (words[2 * i + 1]! >>> 6)) * 2 ** -53;
  }
}

/**
 * The key whose low word is the seed's low 32 bits and whose high word is the rest: 2^32 + 7 gives
 * [7, 1].
 *
 * @param seed - a whole number from 0 to 2^53 - 1.
 */
export function keyFromSeed(seed: number): [number, number] {
  return [seed >>> 0, Math.floor(seed / 2 ** 32)];
}

/** Word number `index` of the stream: the slow form, for the ragged ends. */
function wordAt(key: PhiloxKey, index: number): number {
  const block = Math.floor(index / 4);
  return philoxBlock([block >>> 0, Math.floor(block / 2 ** 32), 0, 0], key)[index % 4]!;
}

// Hot loop: philoxBlock spelled out on locals, so that nothing is allocated. The constants are local
// too: bundlers make variables of a module's constants, and engines do not fold those (30% slower).
function fillBlocks(out: Int32Array, key: PhiloxKey, firstBlock: number): void {
  const m0 = 0xd2511f53;
  const m1 = 0xcd9e8d57;
  const w0 = 0x9e3779b9;
  const w1 = 0xbb67ae85;
  const key0 = key[0] | 0;
  const key1 = key[1] | 0;
  let blockLow = firstBlock | 0;
  let blockHigh = (firstBlock / 2 ** 32) | 0;
  for (let i = 0; i < out.length; i += 4) {
    let c0 = blockLow;
    let c1 = blockHigh;
    let c2 = 0;
    let c3 = 0;
    let k0 = key0;
    let k1 = key1;
    for (let round = 0; round < 10; round++) {
      const next0 = multiplyHigh(c2, m1) ^ c1 ^ k0;
      const next2 = multiplyHigh(c0, m0) ^ c3 ^ k1;
      c1 = Math.imul(c2, m1);
      c3 = Math.imul(c0, m0);
      c0 = next0;
      c2 = next2;
      k0 = (k0 + w0) | 0;
      k1 = (k1 + w1) | 0;
    }
    out[i] = c0;
    out[i + 1] = c1;
    out[i + 2] = c2;
    out[i + 3] = c3;
    blockLow = (blockLow + 1) | 0;
    if (blockLow === 0) blockHigh = (blockHigh + 1) | 0;
  }
}

/**
 * The high 32 bits, as a signed word, of the 64-bit product of two words.
 *
 * Four 16-bit products; no partial sum passes 2^32 - 1, so only their carries need care.
 */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const cross = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const middle = (Math.imul(aLow, bHigh) + (cross & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (cross >>> 16) + (middle >>> 16)) | 0;
}

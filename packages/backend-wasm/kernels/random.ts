/**
 * Philox-4x32-10 (Salmon and others, SC 2011), four blocks of the stream at a time: lane i of each
 * vector belongs to block i.
 */

const M0: i32 = <i32>0xd2511f53;
const M1: i32 = <i32>0xcd9e8d57;
const W0: i32 = <i32>0x9e3779b9;
const W1: i32 = <i32>0xbb67ae85;

/** Where the words of blocks that are only partly wanted wait: 64 bytes between frames and constants. */
const words: usize = 4032;

@inline
function lowWords(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 2, 4, 6);
}

@inline
function highWords(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 1, 3, 5, 7);
}

/** Stores the sixteen words of four blocks; `block` is the number of the first. */
@inline
function fourBlocks(o: usize, block: i64, key0: i32, key1: i32, asFloats: bool): void {
  const b0 = block;
  const b1 = block + 1;
  const b2 = block + 2;
  const b3 = block + 3;
  let c0 = i32x4(<i32>b0, <i32>b1, <i32>b2, <i32>b3);
  let c1 = i32x4(<i32>(b0 >> 32), <i32>(b1 >> 32), <i32>(b2 >> 32), <i32>(b3 >> 32));
  let c2 = i32x4.splat(0);
  let c3 = i32x4.splat(0);
  const m0 = i32x4.splat(M0);
  const m1 = i32x4.splat(M1);
  for (let round = 0; round < 10; round++) {
    const p0 = i64x2.extmul_low_i32x4_u(c0, m0);
    const p1 = i64x2.extmul_high_i32x4_u(c0, m0);
    const q0 = i64x2.extmul_low_i32x4_u(c2, m1);
    const q1 = i64x2.extmul_high_i32x4_u(c2, m1);
    c0 = v128.xor(v128.xor(highWords(q0, q1), c1), i32x4.splat(key0));
    c2 = v128.xor(v128.xor(highWords(p0, p1), c3), i32x4.splat(key1));
    c1 = lowWords(q0, q1);
    c3 = lowWords(p0, p1);
    key0 += W0;
    key1 += W1;
  }
  const t0 = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5);
  const t1 = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
  const t2 = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7);
  const t3 = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
  storeWords(o, v128.shuffle<i64>(t0, t1, 0, 2), asFloats);
  storeWords(o + 16, v128.shuffle<i64>(t0, t1, 1, 3), asFloats);
  storeWords(o + 32, v128.shuffle<i64>(t2, t3, 0, 2), asFloats);
  storeWords(o + 48, v128.shuffle<i64>(t2, t3, 1, 3), asFloats);
}

/** Four words, or the numbers from 0 to 1 that their high 24 bits make. */
@inline
function storeWords(o: usize, v: v128, asFloats: bool): void {
  v128.store(o, asFloats ? f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(v, 8)), f32x4.splat(5.960464477539063e-8)) : v);
}

/** Fills `n` contiguous elements with words `lane, lane + 1, …` from `block` on. */
@inline
function fill(o: usize, n: i32, key0: i32, key1: i32, block: i64, lane: i32, asFloats: bool): void {
  if (lane > 0 && n > 0) {
    const count = min(n, 4 - lane);
    fourBlocks(words, block, key0, key1, asFloats);
    memory.copy(o, words + 4 * lane, 4 * count);
    o += 4 * count;
    n -= count;
    block += 1;
  }
  for (; n >= 16; n -= 16) {
    fourBlocks(o, block, key0, key1, asFloats);
    o += 64;
    block += 4;
  }
  if (n > 0) {
    fourBlocks(words, block, key0, key1, asFloats);
    memory.copy(o, words, 4 * n);
  }
}

export function randomFloat32(o: usize, n: i32, key0: i32, key1: i32, blockLow: u32, blockHigh: u32, lane: i32): void {
  fill(o, n, key0, key1, (<i64>blockHigh << 32) | <i64>blockLow, lane, true);
}

/** Elements of a mask that are drawn before they are compared: they stay in the first-level cache. */
const drawn: i32 = 1024;

/** `scale` where the number of `randomFloat32` is at most `share`, 0 elsewhere. */
export function dropoutMaskFloat32(
  o: usize, n: i32, key0: i32, key1: i32, blockLow: u32, blockHigh: u32, lane: i32, share: f32, scale: f32,
): void {
  const shares = f32x4.splat(share);
  const scales = f32x4.splat(scale);
  let block = (<i64>blockHigh << 32) | <i64>blockLow;
  for (; n > 0; n -= drawn) {
    const count = min(n, drawn);
    randomFloat32(o, count, key0, key1, <u32>block, <u32>(block >> 32), lane);
    const end = o + 4 * (count & ~3);
    for (; o < end; o += 16) v128.store(o, v128.and(scales, f32x4.le(v128.load(o), shares)));
    for (let i = count & 3; i > 0; i--) {
      store<f32>(o, load<f32>(o) <= share ? scale : 0);
      o += 4;
    }
    block += drawn / 4;
  }
}

export function randomInt32(o: usize, n: i32, key0: i32, key1: i32, blockLow: u32, blockHigh: u32, lane: i32): void {
  fill(o, n, key0, key1, (<i64>blockHigh << 32) | <i64>blockLow, lane, false);
}

/**
 * Where the operands of a convolution's tiles lie: the windows of output pixels, and the places
 * within a window.
 */
import { C, DILATION, GROUPS, KH, OH, STRIDE, word } from "./conv-plan";
import { roundUp } from "./conv-tile";

/** Products of an output's sum. */
// @ts-ignore: decorator
@inline
export function windowSize(plan: usize): i32 {
  return word(plan, KH) * word(plan, KH + 1) * (word(plan, C) / word(plan, GROUPS));
}

/** Where each place of the window lies, from the window's first; the last one repeats. */
export function placeWindow(plan: usize, places: usize, row: i32, pixel: i32): void {
  const c = word(plan, C) / word(plan, GROUPS);
  const kw = word(plan, KH + 1);
  const k = windowSize(plan);
  const down = row * word(plan, DILATION), right = pixel * word(plan, DILATION + 1);
  for (let p = 0; p < k + 8; p++) {
    const within = min(p, k - 1);
    const at = within / c;
    store<i32>(places + 4 * p, (at / kw) * down + (at % kw) * right + 4 * (within % c));
  }
}

/** Where the windows of output pixels `start` to `start + count` begin; the last one repeats to fill tiles. */
export function placePixels(
  plan: usize, table: usize, src: usize, step: i32, row: i32, pixel: i32, start: i32, count: i32,
): void {
  const oh = word(plan, OH), ow = word(plan, OH + 1);
  const down = row * word(plan, STRIDE), right = pixel * word(plan, STRIDE + 1);
  let p = start / ow;
  let q = start % ow;
  let at: usize = 0;
  for (let left = count; left > 0; q = 0, p++) {
    const run = min(ow - q, left);
    at = src + (p / oh) * step + (p % oh) * down + q * right;
    for (let i = 0; i < run; i++) store<u32>(table + 4 * i, <u32>(at + i * right));
    at += (run - 1) * right;
    table += 4 * run;
    left -= run;
  }
  for (let i = roundUp(count, 12) - count; i > 0; i--) {
    store<u32>(table, <u32>at);
    table += 4;
  }
}

/** Moves places on. */
export function movePlaces(table: usize, end: usize, by: i32): void {
  for (; table < end; table += 4) store<u32>(table, load<u32>(table) + by);
}

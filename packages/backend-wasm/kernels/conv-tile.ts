/** The register tiles that convolutions multiply with, and where their results go. */
import { tile4x4, tile4x8, tile6x4, tile6x8 } from "./matmul-tile";

/** Floats from one row of a tile in scratch memory to the next. */
// @ts-ignore: decorator
@inline export const TILE_ROW = 32;
// @ts-ignore: decorator
@inline export const TILE_BYTES = 192;

// @ts-ignore: decorator
@inline
export function tileRows(): i32 {
  // Unfused, a product needs a register of its own before it is added, and 6x8 no longer fits.
  // @ts-ignore: defined on the command line or not at all
  return isDefined(RELAXED) ? 6 : 4;
}

// @ts-ignore: decorator
@inline
export function roundUp(x: i32, to: i32): i32 {
  return ((x + to - 1) / to) * to;
}

/** One tile of packed operands. */
// @ts-ignore: decorator
@inline
export function multiplyTile(
  out: usize, outRow: i32, a: usize, b: usize, width: i32, depth: i32,
): void {
  // @ts-ignore: defined on the command line or not at all
  if (isDefined(RELAXED)) {
    if (width == 8) tile6x8(out, outRow, a, 4, 24, b, 32, depth);
    else tile6x4(out, outRow, a, 4, 24, b, 16, depth);
  } else {
    if (width == 8) tile4x8(out, outRow, a, 4, 16, b, 32, depth);
    else tile4x4(out, outRow, a, 4, 16, b, 16, depth);
  }
}

/** Moves the part of a tile that exists to where it belongs. */
export function moveTile(
  out: usize, outRow: i32, tile: usize, rows: i32, columns: i32, add: bool,
): void {
  for (; rows > 0; rows--) {
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const sum = v128.load(tile + 4 * c);
      const to = out + 4 * c;
      v128.store(to, add ? f32x4.add(v128.load(to), sum) : sum);
    }
    for (; c < columns; c++) {
      const sum = f32.load(tile + 4 * c);
      const to = out + 4 * c;
      f32.store(to, add ? f32.load(to) + sum : sum);
    }
    out += outRow;
    tile += TILE_ROW;
  }
}

/** Stores the first lanes, up to four. */
export function storeLanes(to: usize, step: i32, lanes: v128, count: i32): void {
  v128.store32_lane(to, lanes, 0);
  if (count > 1) v128.store32_lane(to + step, lanes, 1);
  if (count > 2) v128.store32_lane(to + 2 * step, lanes, 2);
  if (count > 3) v128.store32_lane(to + 3 * step, lanes, 3);
}

/**
 * The float32 matrix product out[m, n] = a[m, k] x b[k, n] over any strides.
 *
 * k is cut into equal blocks of at most DEPTH. Within a block each output is a running sum in the
 * order of k, and the blocks are added in order. Nothing else about the route taken (packed or not,
 * which tile, transposed or not) touches a sum, so a part of the rows or columns, computed by a call
 * of its own with moved pointers, has the same bits as in the whole: that is how threads share a
 * product.
 */
import { packPanel } from "./matmul-pack";
import { multiplyTen } from "./matmul-ten";
import { tile1x16, tile1x32 } from "./matmul-row";
import { packingTile6x8, tiles4x4, tiles4x8, tiles6x4, tiles6x8 } from "./matmul-tile";

/** Block of `a`: at most ROWS x DEPTH, kept in the second-level cache. A multiple of 6. */
const ROWS = 60;
/**
 * Block of `b`: at most DEPTH x COLUMNS. Deep blocks pay: a second one adds to what it must read
 * again.
 */
const COLUMNS = 512;
const DEPTH = 1024;
/** A matrix of at most so many elements is quicker read in place than packed. */
const IN_PLACE = 16384;
/** Contiguous rows of `a` are, up to so many elements: one block, in the second-level cache. */
const IN_CACHE = 98304;
/** Room for one 6x8 tile, or 1x32, that is not stored straight into `out`. */
const TILE_ROW = 32;
const TILE_BYTES = 6 * TILE_ROW;

/** Bytes of scratch that `matmulF32` needs for a product of this size, or for any part of it. */
export function matmulF32ScratchBytes(m: i32, n: i32, k: i32): i32 {
  const columns = min((max(m, n) + 7) & ~7, COLUMNS);
  return TILE_BYTES + 4 * (ROWS + columns) * min(k, DEPTH);
}

/** Of a block of k: they are as few as DEPTH allows, and of the same size but for the last. */
function depthOf(k: i32): i32 {
  if (k <= DEPTH) return max(k, 1);
  const blocks = (k + DEPTH - 1) / DEPTH;
  return (k + blocks - 1) / blocks;
}

/**
 * Pointers in bytes, strides in elements; `scratch` is 64-byte aligned. k = 0 gives zeros. A `bias`
 * (unless 0) is added to each block of the output while that is in the cache, and what is negative
 * then becomes 0 with `relu`.
 */
export function matmulF32(
  out: usize, outRow: i32, outCol: i32,
  a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
  m: i32, n: i32, k: i32, scratch: usize,
  bias: usize, biasRow: i32, biasCol: i32, relu: bool,
): void {
  // A tile stores along rows; the transposed product has the same sums.
  if (m > 1 && (n == 1 || (outRow == 1 && outCol != 1))) {
    matmulF32(
      out, outCol, outRow, b, bCol, bRow, a, aCol, aRow, n, m, k, scratch, bias, biasCol, biasRow, relu,
    );
    return;
  }
  if (m == 1 && (bCol == 1 || bRow == 1)) {
    const done = multiplyRow(out, 4 * outCol, a, 4 * aCol, b, 4 * bRow, 4 * bCol, n, k, scratch);
    if (bias != 0) finish(out, 0, 4 * outCol, 1, done, bias, 0, 4 * biasCol, relu);
    out += 4 * done * outCol;
    bias += bias != 0 ? 4 * done * biasCol : 0;
    b += 4 * done * bCol;
    n -= done;
  }
  const block = depthOf(k);
  const packedA = scratch + TILE_BYTES;
  const packedB = packedA + 4 * ROWS * block;
  const packsA = aCol == 1 ? n > 256 && m * k > IN_CACHE : n > 64 && m * k > IN_PLACE;
  const packsB = bCol != 1 || (k * n > IN_PLACE && m > 32);
  const blockRows = packsA || m * block > IN_CACHE ? ROWS : m;
  const lastRows = blockRows == m ? m : m - ((m - 1) / ROWS) * ROWS;
  // Unfused, the tiles of ten columns do not fit the registers.
  // @ts-ignore: defined on the command line or not at all
  const takesTen = isDefined(RELAXED) && outCol == 1 && lastRows >= 4 && k <= DEPTH && !packsA;
  // A first tile of 6x8 packs the panel that it reads; other panels are packed ahead.
  const fuses = bCol == 1 && m >= 6 && tileHeight(min(m, blockRows)) == 6;
  for (let j = 0; j < n; j += COLUMNS) {
    const columns = min(n - j, COLUMNS);
    const endsInTen = takesTen && (columns & 7) == 2 && columns >= 10;
    const inPanels = endsInTen ? columns - 10 : columns;
    // A ragged last panel is packed even where the others are read in place.
    const packFrom = packsB ? 0 : inPanels & 3 ? inPanels & ~7 : inPanels;
    for (let p = 0; p == 0 || p < k; p += block) {
      const depth = min(k - p, block);
      const bBlock = b + 4 * (p * bRow + j * bCol);
      for (let c = fuses ? max(packFrom, inPanels & ~7) : packFrom; c < inPanels; c += 8) {
        const lanes = min(inPanels - c, 8);
        packPanel(
          packedB + 4 * c * depth, lanes > 4 ? 8 : 4,
          bBlock + 4 * c * bCol, 4 * bCol, 4 * bRow, lanes, depth,
        );
      }
      const ten = bCol == 1 ? bBlock + 4 * inPanels : packedB + 4 * inPanels * depth;
      if (endsInTen && bCol != 1) {
        packPanel(ten, 12, bBlock + 4 * inPanels * bCol, 4 * bCol, 4 * bRow, 10, depth);
      }
      for (let i = 0; i < m; i += blockRows) {
        const rows = min(m - i, blockRows);
        const aBlock = a + 4 * (i * aRow + p * aCol);
        packRows(packedA, aBlock, 4 * aRow, 4 * aCol, rows, depth, packsA);
        for (let c = 0; c < inPanels; c += 8) {
          const packing = fuses && i == 0 && c >= packFrom && c + 8 <= inPanels;
          // A panel that is read once need not be kept.
          const panel = packing && blockRows == m ? packedB : packedB + 4 * c * depth;
          multiplyPanel(
            out + 4 * (i * outRow + (j + c) * outCol), 4 * outRow, 4 * outCol, p > 0,
            packedA, aBlock, 4 * aRow, 4 * aCol, rows, packsA,
            bBlock + 4 * c, 4 * bRow, c < packFrom ? 0 : panel, packing,
            min(inPanels - c, 8), depth, scratch,
          );
        }
        if (endsInTen) {
          multiplyTen(
            out + 4 * (i * outRow + j + inPanels), 4 * outRow, aBlock, 4 * aRow, 4 * aCol, rows,
            ten, bCol == 1 ? 4 * bRow : 48, depth,
          );
        }
        if (bias != 0 && p + depth >= k) {
          finish(
            out + 4 * (i * outRow + j * outCol), 4 * outRow, 4 * outCol, rows, columns,
            bias + 4 * (i * biasRow + j * biasCol), 4 * biasRow, 4 * biasCol, relu,
          );
        }
      }
    }
  }
}

/** Adds a bias to a block of the output, all of whose sums are there. Strides in bytes. */
function finish(
  out: usize, outRow: i32, outCol: i32, rows: i32, columns: i32,
  bias: usize, biasRow: i32, biasCol: i32, relu: bool,
): void {
  const zero = f32x4.splat(0);
  for (; rows > 0; rows--) {
    let c = 0;
    if (outCol == 4 && (biasCol == 4 || biasCol == 0)) {
      for (; c + 4 <= columns; c += 4) {
        const to = out + 4 * c;
        const added = biasCol == 4 ? v128.load(bias + 4 * c) : v128.load32_splat(bias);
        const sum = f32x4.add(v128.load(to), added);
        v128.store(to, relu ? v128.andnot(sum, f32x4.le(sum, zero)) : sum);
      }
    }
    for (; c < columns; c++) {
      const to = out + c * outCol;
      const sum = f32.load(to) + f32.load(bias + c * biasCol);
      f32.store(to, relu && sum <= 0 ? 0 : sum);
    }
    out += outRow;
    bias += biasRow;
  }
}

/** `count` products, one after the other; steps from one to the next in bytes. One bias for all. */
export function matmulManyF32(
  out: usize, outRow: i32, outCol: i32,
  a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
  m: i32, n: i32, k: i32, scratch: usize,
  count: i32, outStep: i32, aStep: i32, bStep: i32,
  bias: usize, biasRow: i32, biasCol: i32, relu: bool,
): void {
  for (; count > 0; count--) {
    matmulF32(
      out, outRow, outCol, a, aRow, aCol, b, bRow, bCol, m, n, k, scratch, bias, biasRow, biasCol, relu,
    );
    out += outStep;
    a += aStep;
    b += bStep;
  }
}

/** One row times as many whole tiles of columns as there are; returns their number of columns. */
function multiplyRow(
  out: usize, outCol: i32, a: usize, aCol: i32, b: usize, bRow: i32, bCol: i32,
  n: i32, k: i32, tile: usize,
): i32 {
  const width = bCol == 4 ? 32 : 16;
  const whole = n - (n % width);
  const block = depthOf(k);
  for (let p = 0; p == 0 || p < k; p += block) {
    const depth = min(k - p, block);
    for (let j = 0; j < whole; j += width) {
      const from = b + p * bRow + j * bCol;
      if (bCol == 4) tile1x32(tile, a + p * aCol, aCol, from, bRow, depth);
      else tile1x16(tile, a + p * aCol, aCol, from, bCol, depth);
      moveTile(out + j * outCol, 0, outCol, p > 0, tile, 1, width);
    }
  }
  return whole;
}

/** The height of the next tile with `rows` rows left: as few idle rows as 6 and 4 allow. */
// @ts-ignore: decorator
@inline
function tileHeight(rows: i32): i32 {
  // Unfused, a product needs a register of its own before it is added, and 6x8 no longer fits.
  // @ts-ignore: defined on the command line or not at all
  if (!isDefined(RELAXED)) return 4;
  return rows == 5 || rows == 6 || rows > 8 ? 6 : 4;
}

/** Packs the rows of `a` tile by tile; without `all`, only those of the tile they do not fill. */
function packRows(
  dst: usize, a: usize, aRow: i32, aCol: i32, rows: i32, depth: i32, all: bool,
): void {
  while (rows > 0) {
    const height = tileHeight(rows);
    if (all || rows < height) packPanel(dst, height, a, aRow, aCol, min(rows, height), depth);
    if (all) dst += 4 * height * depth;
    a += height * aRow;
    rows -= height;
  }
}

/** How many whole tiles of the next tile's height follow one another, if that one is whole. */
// @ts-ignore: decorator
@inline
function tileRun(rows: i32, height: i32): i32 {
  if (height == 4) return rows / 4;
  const whole = rows / 6;
  const left = rows - 6 * whole;
  return (left == 1 || left == 2) && whole > 1 ? whole - 1 : whole;
}

/**
 * out[rows, columns] (+)= a[rows, depth] x b[depth, columns] for one panel of `b`, which is read
 * from `packedB` unless that is 0; with `packing`, the first tile packs it there.
 */
function multiplyPanel(
  out: usize, outRow: i32, outCol: i32, add: bool,
  packedA: usize, a: usize, aRow: i32, aCol: i32, rows: i32, packsA: bool,
  b: usize, bRow: i32, packedB: usize, packing: bool,
  columns: i32, depth: i32, tile: usize,
): void {
  const width = columns > 4 ? 8 : 4;
  const panel = packedB != 0 ? packedB : b;
  const panelStep = packedB != 0 ? 4 * width : bRow;
  const full = outCol == 4 && columns == width && !add;
  while (rows > 0) {
    const height = tileHeight(rows);
    const direct = full && rows >= height;
    const tiles = direct && !packing ? tileRun(rows, height) : 1;
    const packed = packsA || rows < height;
    const from = packed ? packedA : a;
    const row = packed ? 4 : aRow;
    const step = packed ? 4 * height : aCol;
    const next = packed ? 4 * height * depth : height * aRow;
    const to = direct ? out : tile;
    const toRow = direct ? outRow : TILE_ROW;
    if (packing) packingTile6x8(to, toRow, from, row, step, b, bRow, depth, packedB);
    else if (height == 6) {
      if (width == 8) tiles6x8(tiles, to, toRow, from, row, step, next, panel, panelStep, depth);
      else tiles6x4(tiles, to, toRow, from, row, step, next, panel, panelStep, depth);
    } else {
      if (width == 8) tiles4x8(tiles, to, toRow, from, row, step, next, panel, panelStep, depth);
      else tiles4x4(tiles, to, toRow, from, row, step, next, panel, panelStep, depth);
    }
    packing = false;
    if (!direct) moveTile(out, outRow, outCol, add, tile, min(rows, height), columns);
    const done = tiles * height;
    out += done * outRow;
    if (packsA) packedA += 4 * done * depth;
    a += done * aRow;
    rows -= done;
  }
}

/** Moves the part of a tile that exists to where it belongs. */
function moveTile(
  out: usize, outRow: i32, outCol: i32, add: bool, tile: usize, rows: i32, columns: i32,
): void {
  for (; rows > 0; rows--) {
    let c = 0;
    if (outCol == 4) {
      for (; c + 4 <= columns; c += 4) {
        const sum = v128.load(tile + 4 * c);
        const to = out + 4 * c;
        v128.store(to, add ? f32x4.add(v128.load(to), sum) : sum);
      }
    }
    for (; c < columns; c++) {
      const sum = f32.load(tile + 4 * c);
      const to = out + c * outCol;
      f32.store(to, add ? f32.load(to) + sum : sum);
    }
    out += outRow;
    tile += TILE_ROW;
  }
}

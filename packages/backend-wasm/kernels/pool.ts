/**
 * Pools of float32 images: along four channels at once where these are neighbours, else one by one.
 * What a kernel has to know stands in a plan of 32-bit words, written by `src/pooling.ts`; strides
 * are in bytes.
 */
import { firstInside } from "./conv-image";
import { word } from "./conv-plan";

// The plan: addresses with strides of batch, rows, columns, channels; sizes; the window.
const X: i32 = 0;
const Y: i32 = 5;
const INDEX: i32 = 10;
const H: i32 = 15;
const OH: i32 = 17;
const C: i32 = 19;
const KERNEL: i32 = 20;
const STRIDE: i32 = 22;
const PADDING: i32 = 24;
const DILATION: i32 = 26;

// @ts-ignore: decorator
@inline
function start(plan: usize, axis: i32, at: i32): i32 {
  return at * word(plan, STRIDE + axis) - word(plan, PADDING + axis);
}

/** The first element of the window inside the image. */
// @ts-ignore: decorator
@inline
function from(plan: usize, axis: i32, begin: i32): i32 {
  return firstInside(begin, word(plan, DILATION + axis));
}

/** The end of the elements inside the image. */
// @ts-ignore: decorator
@inline
function end(plan: usize, axis: i32, begin: i32): i32 {
  return min(
    word(plan, KERNEL + axis),
    firstInside(begin - word(plan, H + axis), word(plan, DILATION + axis)),
  );
}

/** `count` rows of output from `first` on, counted through the batch: largest elements. */
export function maxPoolRows(plan: usize, first: i32, count: i32): void {
  const oh = word(plan, OH), ow = word(plan, OH + 1), c = word(plan, C);
  const isLine =
    word(plan, X + 4) == 4 && word(plan, Y + 4) == 4 && word(plan, INDEX + 4) == 4;
  const inLine = isPlane(plan, X) && isPlane(plan, Y) && isPlane(plan, INDEX);
  const down = word(plan, DILATION) * word(plan, X + 2);
  const right = word(plan, DILATION + 1) * word(plan, X + 3);
  for (let r = first; r < first + count; r++) {
    const image = r / oh, p = r % oh;
    const top = start(plan, 0, p);
    const i0 = from(plan, 0, top), i1 = end(plan, 0, top);
    const x =
      <usize>word(plan, X) + image * word(plan, X + 1) +
      (top + i0 * word(plan, DILATION)) * word(plan, X + 2);
    const y = <usize>word(plan, Y) + image * word(plan, Y + 1) + p * word(plan, Y + 2);
    const index = <usize>word(plan, INDEX) + image * word(plan, INDEX + 1) + p * word(plan, INDEX + 2);
    for (let q = 0; q < ow; q++) {
      const left = start(plan, 1, q);
      const j0 = from(plan, 1, left), j1 = end(plan, 1, left);
      const column = left + j0 * word(plan, DILATION + 1);
      const place = (top + i0 * word(plan, DILATION)) * word(plan, H + 1) + column;
      const at = x + column * word(plan, X + 3);
      const out = y + q * word(plan, Y + 3), chosen = index + q * word(plan, INDEX + 3);
      if (inLine && areWhole(plan, q)) {
        const apart = word(plan, STRIDE + 1);
        largestOfFour(plan, out, chosen, at, place, i1 - i0, j1 - j0, down, right, 4 * apart, apart);
        q += 3;
        continue;
      }
      let channel = 0;
      if (isLine) {
        for (; channel + 4 <= c; channel += 4) {
          largestOfFour(plan, out + 4 * channel, chosen + 4 * channel, at + 4 * channel,
            place, i1 - i0, j1 - j0, down, right, 4, 0);
        }
      }
      for (; channel < c; channel++) {
        largestOfOne(
          plan, out + channel * word(plan, Y + 4), chosen + channel * word(plan, INDEX + 4),
          at + channel * word(plan, X + 4), place, i1 - i0, j1 - j0, down, right,
        );
      }
    }
  }
}

/** Four floats, `step` apart. */
// @ts-ignore: decorator
@inline
function lanes(at: usize, step: i32): v128 {
  if (step == 4) return v128.load(at);
  if (step == 8) return v128.shuffle<f32>(v128.load(at), v128.load(at, 12), 0, 2, 5, 7);
  let x = v128.load32_zero(at);
  x = v128.load32_lane(at + step, x, 1);
  x = v128.load32_lane(at + 2 * step, x, 2);
  return v128.load32_lane(at + 3 * step, x, 3);
}

/**
 * Whether the windows of four outputs from `q` on, neighbours in memory, have all their columns
 * inside the image.
 */
// @ts-ignore: decorator
@inline
function areWhole(plan: usize, q: i32): bool {
  const reach = (word(plan, KERNEL + 1) - 1) * word(plan, DILATION + 1);
  return (
    q + 4 <= word(plan, OH + 1) && start(plan, 1, q) >= 0 &&
    start(plan, 1, q + 3) + reach < word(plan, H + 1)
  );
}

/** Whether pixels of a row are neighbours, and there is one channel only. */
// @ts-ignore: decorator
@inline
function isPlane(plan: usize, array: i32): bool {
  return word(plan, C) == 1 && word(plan, array + 3) == 4;
}

/** @param step - bytes from one of the four to the next in the image, `apart` in positions. */
// @ts-ignore: decorator
@inline
function largestOfFour(
  plan: usize, out: usize, index: usize, x: usize, place: i32, rows: i32, columns: i32,
  down: i32, right: i32, step: i32, apart: i32,
): void {
  const first = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(apart));
  let best = lanes(x, step);
  let chosen = i32x4.add(i32x4.splat(place), first);
  for (let i = 0; i < rows; i++) {
    let at = x;
    let position = place;
    for (let j = 0; j < columns; j++) {
      const value = lanes(at, step);
      // The first of equal ones, the last NaN.
      const isBetter = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
      best = v128.bitselect(value, best, isBetter);
      const places = i32x4.add(i32x4.splat(position), first);
      chosen = v128.bitselect(places, chosen, isBetter);
      at += right;
      position += word(plan, DILATION + 1);
    }
    x += down;
    place += word(plan, DILATION) * word(plan, H + 1);
  }
  v128.store(out, best);
  v128.store(index, chosen);
}

function largestOfOne(
  plan: usize, out: usize, index: usize, x: usize, place: i32, rows: i32, columns: i32,
  down: i32, right: i32,
): void {
  let best = f32.load(x);
  let chosen = place;
  const nextColumn = word(plan, DILATION + 1);
  const nextRow = word(plan, DILATION) * word(plan, H + 1);
  for (let i = 0; i < rows; i++) {
    let at = x;
    let position = place;
    for (let j = 0; j < columns; j++) {
      const value = f32.load(at);
      // Without a branch, which would be guessed wrong as often as right.
      const isBetter = i32(value > best) | i32(value != value);
      best = select(value, best, isBetter);
      chosen = select(position, chosen, isBetter);
      at += right;
      position += nextColumn;
    }
    x += down;
    place += nextRow;
  }
  f32.store(out, best);
  store<i32>(index, chosen);
}

/** The same rows: sums. */
export function sumPoolRows(plan: usize, first: i32, count: i32): void {
  const oh = word(plan, OH), ow = word(plan, OH + 1), c = word(plan, C);
  const isLine = word(plan, X + 4) == 4 && word(plan, Y + 4) == 4;
  const inLine = isPlane(plan, X) && isPlane(plan, Y);
  const down = word(plan, DILATION) * word(plan, X + 2);
  const right = word(plan, DILATION + 1) * word(plan, X + 3);
  for (let r = first; r < first + count; r++) {
    const image = r / oh, p = r % oh;
    const top = start(plan, 0, p);
    const i0 = from(plan, 0, top), rows = end(plan, 0, top) - i0;
    const x = <usize>word(plan, X) + image * word(plan, X + 1) + top * word(plan, X + 2) + i0 * down;
    const y = <usize>word(plan, Y) + image * word(plan, Y + 1) + p * word(plan, Y + 2);
    for (let q = 0; q < ow; q++) {
      const left = start(plan, 1, q);
      const j0 = from(plan, 1, left), columns = end(plan, 1, left) - j0;
      const at = x + left * word(plan, X + 3) + j0 * right;
      const out = y + q * word(plan, Y + 3);
      if (inLine && areWhole(plan, q)) {
        v128.store(out, sumOfFour(at, rows, columns, down, right, 4 * word(plan, STRIDE + 1)));
        q += 3;
        continue;
      }
      let channel = 0;
      if (isLine) {
        for (; channel + 4 <= c; channel += 4) {
          const line = at + 4 * channel;
          v128.store(out + 4 * channel, sumOfFour(line, rows, columns, down, right, 4));
        }
      }
      for (; channel < c; channel++) {
        let line = at + channel * word(plan, X + 4);
        let sum: f32 = 0;
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) sum += f32.load(line + j * right);
          line += down;
        }
        f32.store(out + channel * word(plan, Y + 4), sum);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function sumOfFour(
  x: usize, rows: i32, columns: i32, down: i32, right: i32, step: i32,
): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) sum = f32x4.add(sum, lanes(x + j * right, step));
    x += down;
  }
  return sum;
}

/** Images `first` to `first + count`, filled with the sums of the windows each pixel lies in. */
export function sumPoolInput(plan: usize, first: i32, count: i32): void {
  const oh = word(plan, OH), ow = word(plan, OH + 1), c = word(plan, C);
  const isLine = word(plan, X + 4) == 4 && word(plan, Y + 4) == 4;
  const down = word(plan, DILATION) * word(plan, X + 2);
  const right = word(plan, DILATION + 1) * word(plan, X + 3);
  for (let image = first; image < first + count; image++) {
    const x = <usize>word(plan, X) + image * word(plan, X + 1);
    const y = <usize>word(plan, Y) + image * word(plan, Y + 1);
    clear(plan, x);
    for (let p = 0; p < oh; p++) {
      const top = start(plan, 0, p);
      const i0 = from(plan, 0, top), rows = end(plan, 0, top) - i0;
      for (let q = 0; q < ow; q++) {
        const left = start(plan, 1, q);
        const j0 = from(plan, 1, left), columns = end(plan, 1, left) - j0;
        const at = x + top * word(plan, X + 2) + i0 * down + left * word(plan, X + 3) + j0 * right;
        const sum = y + p * word(plan, Y + 2) + q * word(plan, Y + 3);
        let channel = 0;
        if (isLine) {
          for (; channel + 4 <= c; channel += 4) {
            addFour(at + 4 * channel, v128.load(sum + 4 * channel), rows, columns, down, right);
          }
        }
        for (; channel < c; channel++) {
          const value = f32.load(sum + channel * word(plan, Y + 4));
          let line = at + channel * word(plan, X + 4);
          for (let i = 0; i < rows; i++) {
            for (let j = 0; j < columns; j++) {
              f32.store(line + j * right, f32.load(line + j * right) + value);
            }
            line += down;
          }
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addFour(
  at: usize, value: v128, rows: i32, columns: i32, down: i32, right: i32,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const to = at + j * right;
      v128.store(to, f32x4.add(v128.load(to), value));
    }
    at += down;
  }
}

function clear(plan: usize, x: usize): void {
  const h = word(plan, H), w = word(plan, H + 1), c = word(plan, C);
  const pixel = word(plan, X + 3);
  const isLine = pixel == 4 * c && (c == 1 || word(plan, X + 4) == 4);
  for (let row = 0; row < h; row++) {
    const line = x + row * word(plan, X + 2);
    if (isLine) {
      memory.fill(line, 0, pixel * w);
      continue;
    }
    for (let column = 0; column < w; column++) {
      const at = line + column * pixel;
      for (let i = 0; i < c; i++) f32.store(at + i * word(plan, X + 4), 0);
    }
  }
}

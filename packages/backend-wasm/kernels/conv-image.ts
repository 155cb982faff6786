/** Images in and out of the form that convolutions work on: channels last, without gaps. */
import { C, H, O, OH, PADDED, SPREAD, TOP, word, X, Y } from "./conv-plan";
import { transpose4 } from "./copy";

/** Whether the image can be read where it is. */
export function convReadsInPlace(plan: usize): bool {
  return (
    word(plan, X + 4) == 4 && word(plan, TOP) == 0 && word(plan, TOP + 1) == 0 &&
    word(plan, SPREAD) == 1 && word(plan, SPREAD + 1) == 1 &&
    word(plan, PADDED) <= word(plan, H) && word(plan, PADDED + 1) <= word(plan, H + 1)
  );
}

/** Copies `count` images from `first` on to `dst`, `[count, H, W, c]`, zeros around them. */
export function padImages(plan: usize, first: i32, count: i32, dst: usize): void {
  const rows = word(plan, PADDED), columns = word(plan, PADDED + 1);
  const c = word(plan, C);
  const bytes = 4 * rows * columns * c;
  const top = word(plan, TOP), left = word(plan, TOP + 1);
  const zh = word(plan, SPREAD), zw = word(plan, SPREAD + 1);
  const isWhole =
    top == 0 && left == 0 && zh == 1 && zw == 1 &&
    rows <= word(plan, H) && columns <= word(plan, H + 1);
  const fromColumn = firstInside(left, zw);
  const toColumn = min(word(plan, H + 1), firstInside(left - columns, zw));
  const fromRow = firstInside(top, zh);
  const toRow = min(word(plan, H), firstInside(top - rows, zh));
  const xs = word(plan, X + 2);
  for (let image = 0; image < count; image++) {
    if (!isWhole) memory.fill(dst, 0, bytes);
    const src = <usize>word(plan, X) + (first + image) * word(plan, X + 1);
    for (let row = fromRow; row < toRow; row++) {
      const to = dst + 4 * c * ((top + row * zh) * columns + left + fromColumn * zw);
      copyRow(
        to, 4 * c * zw, src + row * xs + fromColumn * word(plan, X + 3),
        word(plan, X + 3), word(plan, X + 4), toColumn - fromColumn, c,
      );
    }
    dst += bytes;
  }
}

/** The smallest i >= 0 with i * step + start >= 0. */
export function firstInside(start: i32, step: i32): i32 {
  return start >= 0 ? 0 : (step - 1 - start) / step;
}

/** `count` pixels of `c` channels each. */
function copyRow(
  to: usize, toPixel: i32, from: usize, pixel: i32, channel: i32, count: i32, c: i32,
): void {
  if (count <= 0) return;
  if (channel == 4 || c == 1) {
    if (pixel == 4 * c && toPixel == pixel) {
      memory.copy(to, from, pixel * count);
      return;
    }
    for (; count > 0; count--) {
      copyChannels(to, from, c);
      to += toPixel;
      from += pixel;
    }
    return;
  }
  if (pixel == 4) {
    transpose4(to, from, count, c, toPixel, channel);
    return;
  }
  for (; count > 0; count--) {
    for (let i = 0; i < c; i++) f32.store(to + 4 * i, f32.load(from + i * channel));
    to += toPixel;
    from += pixel;
  }
}

// @ts-ignore: decorator
@inline
function copyChannels(to: usize, from: usize, c: i32): void {
  let i = 0;
  for (; i + 4 <= c; i += 4) v128.store(to + 4 * i, v128.load(from + 4 * i));
  for (; i < c; i++) f32.store(to + 4 * i, f32.load(from + 4 * i));
}

/** Whether results can be written where they belong: `[n, oh, ow, o]` without gaps. */
export function convWritesInPlace(plan: usize): bool {
  const pixel = 4 * word(plan, O);
  const row = pixel * word(plan, OH + 1);
  return (
    word(plan, Y + 4) == 4 && word(plan, Y + 3) == pixel && word(plan, Y + 2) == row &&
    word(plan, Y + 1) == row * word(plan, OH)
  );
}

/** Copies `[count, oh, ow, o]` from `src` to where it belongs. */
export function storeImages(plan: usize, first: i32, count: i32, src: usize): void {
  const rows = word(plan, OH), columns = word(plan, OH + 1), o = word(plan, O);
  const row = word(plan, Y + 2), pixel = word(plan, Y + 3), channel = word(plan, Y + 4);
  for (let image = 0; image < count; image++) {
    const dst = <usize>word(plan, Y) + (first + image) * word(plan, Y + 1);
    if (pixel == 4 && row == 4 * columns) {
      // Channels first: all pixels of a channel are a line.
      transpose4(dst, src, o, rows * columns, channel, 4 * o);
      src += 4 * o * rows * columns;
      continue;
    }
    for (let r = 0; r < rows; r++) {
      for (let q = 0; q < columns; q++) {
        const to = dst + r * row + q * pixel;
        if (channel == 4) copyChannels(to, src, o);
        else for (let i = 0; i < o; i++) f32.store(to + i * channel, f32.load(src + 4 * i));
        src += 4 * o;
      }
    }
  }
}

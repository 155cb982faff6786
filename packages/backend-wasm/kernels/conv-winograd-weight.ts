/**
 * Weights of 3x3 windows for `conv-winograd.ts`: transformed, and their gradients transformed back.
 * Four outputs at a time; `half` is room for one transform half done, 576 bytes.
 */

/** Floats of a transformed weight. */
export function winogradPackSize(c: i32, o: i32): i32 {
  return 36 * c * o;
}

/** Transforms a weight: 36 matrices `[c, o]`, each in panels of 8 columns. */
export function winogradPack(
  dst: usize, half: usize, weight: usize,
  rowStep: i32, columnStep: i32, cStep: i32, oStep: i32, c: i32, o: i32,
): void {
  const plane = 4 * c * o;
  for (let j = 0; j < o; j += 4) {
    const panel = dst + 4 * ((j & ~7) * c + (j & 7));
    for (let channel = 0; channel < c; channel++) {
      const from = weight + channel * cStep + j * oStep;
      for (let column = 0; column < 3; column++) {
        const at = from + column * columnStep;
        transformWeight(
          half + 16 * column, 48, lanes(at, oStep), lanes(at + rowStep, oStep),
          lanes(at + 2 * rowStep, oStep),
        );
      }
      let to = panel + 32 * channel;
      for (let line: usize = half; line < half + 288; line += 48) {
        transformWeight(
          to, plane, v128.load(line), v128.load(line, 16), v128.load(line, 32),
        );
        to += 6 * plane;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function lanes(from: usize, step: i32): v128 {
  if (step == 4) return v128.load(from);
  let x = v128.load32_zero(from);
  x = v128.load32_lane(from + step, x, 1);
  x = v128.load32_lane(from + 2 * step, x, 2);
  return v128.load32_lane(from + 3 * step, x, 3);
}

/** G w: three numbers into six. */
// @ts-ignore: decorator
@inline
function transformWeight(dst: usize, step: i32, w0: v128, w1: v128, w2: v128): void {
  const sixth = f32x4.splat(1.0 / 6.0);
  v128.store(dst, f32x4.mul(w0, f32x4.splat(0.25)));
  const outer = f32x4.add(w0, w2);
  v128.store(dst + step, f32x4.neg(f32x4.mul(f32x4.add(outer, w1), sixth)));
  v128.store(dst + 2 * step, f32x4.mul(f32x4.sub(w1, outer), sixth));
  const even = f32x4.add(
    f32x4.mul(w0, f32x4.splat(1.0 / 24.0)), f32x4.mul(w2, sixth),
  );
  const odd = f32x4.mul(w1, f32x4.splat(1.0 / 12.0));
  v128.store(dst + 3 * step, f32x4.add(even, odd));
  v128.store(dst + 4 * step, f32x4.sub(even, odd));
  v128.store(dst + 5 * step, w2);
}

/** Adds the sums of all parts in order, and turns them into the gradient of the weight: G^T m G. */
export function winogradWeightSum(
  sums: usize, half: usize, parts: i32, c: i32, o: i32,
  out: usize, rowStep: i32, columnStep: i32, cStep: i32, oStep: i32,
): void {
  const plane = 4 * c * o;
  const part = 36 * plane;
  for (let at = 0; at < part; at += 16) {
    let sum = v128.load(sums + at);
    for (let i = 1; i < parts; i++) sum = f32x4.add(sum, v128.load(sums + i * part + at));
    v128.store(sums + at, sum);
  }
  const line = half + 288;
  for (let channel = 0; channel < c; channel++) {
    for (let j = 0; j < o; j += 4) {
      const from = sums + 4 * (channel * o + j);
      for (let k = 0; k < 6; k++) transformBack(half + 16 * k, 96, from + k * plane, 6 * plane);
      for (let row = 0; row < 3; row++) {
        transformBack(line, 16, half + 96 * row, 16);
        const to = out + channel * cStep + j * oStep + row * rowStep;
        for (let column = 0; column < 3; column++) {
          putLanes(to + column * columnStep, oStep, v128.load(line + 16 * column));
        }
      }
    }
  }
}

/** G^T m: six numbers into three. */
// @ts-ignore: decorator
@inline
function transformBack(dst: usize, step: i32, src: usize, srcStep: i32): void {
  const m1 = v128.load(src + srcStep), m2 = v128.load(src + 2 * srcStep);
  const m3 = v128.load(src + 3 * srcStep), m4 = v128.load(src + 4 * srcStep);
  const sixth = f32x4.splat(1.0 / 6.0);
  const a = f32x4.mul(f32x4.add(m1, m2), sixth), b = f32x4.mul(f32x4.sub(m2, m1), sixth);
  const c = f32x4.add(m3, m4), d = f32x4.sub(m3, m4);
  const first = f32x4.sub(f32x4.mul(v128.load(src), f32x4.splat(0.25)), a);
  v128.store(dst, f32x4.add(first, f32x4.mul(c, f32x4.splat(1.0 / 24.0))));
  v128.store(dst + step, f32x4.add(b, f32x4.mul(d, f32x4.splat(1.0 / 12.0))));
  const last = f32x4.sub(f32x4.mul(c, sixth), a);
  v128.store(dst + 2 * step, f32x4.add(last, v128.load(src + 5 * srcStep)));
}

// @ts-ignore: decorator
@inline
function putLanes(to: usize, step: i32, x: v128): void {
  if (step == 4) {
    v128.store(to, x);
    return;
  }
  v128.store32_lane(to, x, 0);
  v128.store32_lane(to + step, x, 1);
  v128.store32_lane(to + 2 * step, x, 2);
  v128.store32_lane(to + 3 * step, x, 3);
}

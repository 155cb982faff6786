/**
 * Normalization of float32 where what is normalized together lies in line: as `segments` of
 * neighbours, `between` bytes from one to the next (one of a row in layer norm, one for each image
 * in batch norm of images). Groups are independent, so any range of them can be a call of its own.
 *
 * Means and variances are sums of at most 64 float32 a lane that go on in double precision. The
 * variance is that of differences from the rounded mean, put right for its rounding.
 */
import { madd } from "./madd";
import { lanes } from "./reduce-rows";
import { addTotals, storeTotals } from "./totals";

/** Vectors added before double precision takes over. */
const BLOCK: i32 = 64;

// What the sums of a pass gave.
let first: f64 = 0;
let second: f64 = 0;

/** `first = sum(x)`. */
function sumSegment(x: usize, n: i32): void {
  while (n >= 8) {
    const turns = min(n >> 3, BLOCK);
    n -= turns << 3;
    let a = f32x4.splat(0);
    let b = a;
    for (let i = turns; i > 0; i--) {
      a = f32x4.add(a, v128.load(x));
      b = f32x4.add(b, v128.load(x, 16));
      x += 32;
    }
    first += lanes(f32x4.add(a, b));
  }
  for (; n > 0; n--) {
    first += load<f32>(x);
    x += 4;
  }
}

/** `first = sum(c)` and `second = sum(c^2)` with `c = x - center`. */
function spreadSegment(x: usize, n: i32, center: f32): void {
  const m = f32x4.splat(center);
  while (n >= 8) {
    const turns = min(n >> 3, BLOCK);
    n -= turns << 3;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    for (let i = turns; i > 0; i--) {
      const c0 = f32x4.sub(v128.load(x), m);
      const c1 = f32x4.sub(v128.load(x, 16), m);
      a0 = f32x4.add(a0, c0);
      a1 = f32x4.add(a1, c1);
      b0 = madd(c0, c0, b0);
      b1 = madd(c1, c1, b1);
      x += 32;
    }
    first += lanes(f32x4.add(a0, a1));
    second += lanes(f32x4.add(b0, b1));
  }
  for (; n > 0; n--) {
    const c = load<f32>(x) - center;
    first += c;
    second += <f64>c * <f64>c;
    x += 4;
  }
}

/** `o = (x - center) scale + shift`, then times the elements of `w` plus those of `b` if any. */
function applySegment(
  o: usize, x: usize, n: i32, center: f32, scale: f32, shift: f32, w: usize, b: usize,
): void {
  const m = f32x4.splat(center);
  const s = f32x4.splat(scale);
  const t = f32x4.splat(shift);
  let i = 0;
  if (w) {
    for (; i + 4 <= n; i += 4) {
      const at = 4 * i;
      const u = madd(f32x4.sub(v128.load(x + at), m), s, t);
      v128.store(o + at, madd(u, v128.load(w + at), v128.load(b + at)));
    }
    for (; i < n; i++) {
      const at = 4 * i;
      store<f32>(o + at, ((load<f32>(x + at) - center) * scale + shift) * load<f32>(w + at) + load<f32>(b + at));
    }
    return;
  }
  for (; i + 4 <= n; i += 4) {
    v128.store(o + 4 * i, madd(f32x4.sub(v128.load(x + 4 * i), m), s, t));
  }
  for (; i < n; i++) store<f32>(o + 4 * i, (load<f32>(x + 4 * i) - center) * scale + shift);
}

/**
 * Each of `groups` groups, `step` bytes from one to the next. `inner` says what weight and bias
 * (0 for none) belong to: 1 to the places of a segment, 0 to the groups.
 */
export function normalizeSegments(
  o: usize, x: usize, mean: usize, variance: usize, weight: usize, bias: usize,
  groups: i32, step: i32, segments: i32, between: i32, n: i32, inner: i32, eps: f64,
): void {
  const count = <f64>segments * <f64>n;
  for (; groups > 0; groups--) {
    first = 0;
    for (let i = 0; i < segments; i++) sumSegment(x + i * between, n);
    const center = <f32>(first / count);
    first = 0;
    second = 0;
    for (let i = 0; i < segments; i++) spreadSegment(x + i * between, n, center);
    const off = first / count;
    const v = second / count - off * off;
    store<f32>(mean, <f32>(<f64>center + off));
    store<f32>(variance, <f32>v);
    let scale = 1 / Math.sqrt(v + eps);
    let shift = -off * scale;
    const isScaled = weight != 0 && !inner;
    if (isScaled) {
      const w = <f64>load<f32>(weight);
      scale *= w;
      shift = shift * w + <f64>load<f32>(bias);
      weight += 4;
      bias += 4;
    }
    const w: usize = isScaled ? 0 : weight;
    for (let i = 0; i < segments; i++) {
      const at = i * between;
      applySegment(o + at, x + at, n, center, <f32>scale, <f32>shift, w, bias);
    }
    o += step;
    x += step;
    mean += 4;
    variance += 4;
  }
}

/** `first = sum(h)` and `second = sum(h (x - center))`, h being g, times the elements of `w` if any. */
function slopesSegment(g: usize, x: usize, n: i32, center: f32, w: usize): void {
  const m = f32x4.splat(center);
  while (n >= 4) {
    const turns = min(n >> 2, BLOCK);
    n -= turns << 2;
    let a = f32x4.splat(0);
    let b = a;
    for (let i = turns; i > 0; i--) {
      let h = v128.load(g);
      if (w) {
        h = f32x4.mul(h, v128.load(w));
        w += 16;
      }
      a = f32x4.add(a, h);
      b = madd(h, f32x4.sub(v128.load(x), m), b);
      g += 16;
      x += 16;
    }
    first += lanes(a);
    second += lanes(b);
  }
  for (; n > 0; n--) {
    let h = load<f32>(g);
    if (w) {
      h *= load<f32>(w);
      w += 4;
    }
    first += h;
    second += <f64>h * <f64>(load<f32>(x) - center);
    g += 4;
    x += 4;
  }
}

/** `o = h scale + (x - center) along + across`. */
function adjointSegment(
  o: usize, g: usize, x: usize, n: i32, center: f32, scale: f32, along: f32, across: f32, w: usize,
): void {
  const m = f32x4.splat(center);
  const s = f32x4.splat(scale);
  const a = f32x4.splat(along);
  const c = f32x4.splat(across);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = 4 * i;
    let h = v128.load(g + at);
    if (w) h = f32x4.mul(h, v128.load(w + at));
    v128.store(o + at, madd(h, s, madd(f32x4.sub(v128.load(x + at), m), a, c)));
  }
  for (; i < n; i++) {
    const at = 4 * i;
    let h = load<f32>(g + at);
    if (w) h *= load<f32>(w + at);
    store<f32>(o + at, h * scale + ((load<f32>(x + at) - center) * along + across));
  }
}

/** The adjoint of `x`; arguments as of `normalizeSegments`. */
export function normalizeInputSegments(
  o: usize, g: usize, x: usize, mean: usize, variance: usize, weight: usize,
  groups: i32, step: i32, segments: i32, between: i32, n: i32, inner: i32, eps: f64,
): void {
  const count = <f64>segments * <f64>n;
  for (; groups > 0; groups--) {
    const center = load<f32>(mean);
    const w: usize = inner ? weight : 0;
    first = 0;
    second = 0;
    for (let i = 0; i < segments; i++) slopesSegment(g + i * between, x + i * between, n, center, w);
    const square = 1 / (<f64>load<f32>(variance) + eps);
    let scale = Math.sqrt(square);
    if (weight != 0 && !inner) {
      scale *= <f64>load<f32>(weight);
      weight += 4;
    }
    const along = (-scale * square * second) / count;
    const across = (-scale * first) / count;
    for (let i = 0; i < segments; i++) {
      const at = i * between;
      adjointSegment(o + at, g + at, x + at, n, center, <f32>scale, <f32>along, <f32>across, w);
    }
    o += step;
    g += step;
    x += step;
    mean += 4;
    variance += 4;
  }
}

/** The adjoint of a weight of the groups: `sum(g (x - mean)) / sqrt(variance + eps)` of each. */
export function normalizeWeightSegments(
  o: usize, g: usize, x: usize, mean: usize, variance: usize,
  groups: i32, step: i32, segments: i32, between: i32, n: i32, eps: f64,
): void {
  for (; groups > 0; groups--) {
    second = 0;
    const center = load<f32>(mean);
    for (let i = 0; i < segments; i++) slopesSegment(g + i * between, x + i * between, n, center, 0);
    store<f32>(o, <f32>(second / Math.sqrt(<f64>load<f32>(variance) + eps)));
    o += 4;
    g += step;
    x += step;
    mean += 4;
    variance += 4;
  }
}

/**
 * The adjoint of a weight of the places in a row: `sum(g (x - mean) / sqrt(variance + eps))` over
 * the rows, for `n` columns. `scratch` has 12 bytes for each column.
 */
export function normalizeWeightRows(
  o: usize, g: usize, x: usize, mean: usize, variance: usize, rows: i32, step: i32, n: i32,
  eps: f64, scratch: usize,
): void {
  const totals = scratch + 4 * n;
  memory.fill(totals, 0, 8 * n);
  for (let r = 0; r < rows; r++) {
    const isFirst = (r & (BLOCK - 1)) == 0;
    const center = load<f32>(mean + 4 * r);
    const scale = <f32>(1 / Math.sqrt(<f64>load<f32>(variance + 4 * r) + eps));
    addProducts(scratch, g + r * step, x + r * step, n, center, scale, isFirst);
    if (r == rows - 1 || (r & (BLOCK - 1)) == BLOCK - 1) addTotals(totals, scratch, n);
  }
  storeTotals(o, totals, n, 1);
}

/** `sums (+)= g (x - center) scale`. */
function addProducts(
  sums: usize, g: usize, x: usize, n: i32, center: f32, scale: f32, isFirst: bool,
): void {
  const m = f32x4.splat(center);
  const s = f32x4.splat(scale);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = 4 * i;
    const u = f32x4.mul(f32x4.sub(v128.load(x + at), m), s);
    const before = isFirst ? f32x4.splat(0) : v128.load(sums + at);
    v128.store(sums + at, madd(u, v128.load(g + at), before));
  }
  for (; i < n; i++) {
    const at = 4 * i;
    const before: f32 = isFirst ? 0 : load<f32>(sums + at);
    store<f32>(sums + at, (load<f32>(x + at) - center) * scale * load<f32>(g + at) + before);
  }
}

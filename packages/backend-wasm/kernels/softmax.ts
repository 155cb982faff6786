/**
 * softmax and its kin along contiguous rows of float32: the largest element is subtracted before
 * exp.
 */
import { exp, expAnywhere, expCommon, expRare, log } from "./exponential";
import { largestOf, sumOf } from "./reduce-rows";
import { walk1 } from "./walk";

/**
 * Stores exp(x - shift). The last four are read first, so that the row may be turned in place and
 * its end needs no loop of its own.
 */
function expRow(o: usize, x: usize, n: i32, shift: v128): void {
  if (n < 4) {
    for (; n > 0; n--) {
      v128.store32_lane(o, exp(f32x4.sub(v128.load32_splat(x), shift)), 0);
      o += 4;
      x += 4;
    }
    return;
  }
  const end = o + 4 * (n - 4);
  const last = v128.load(x + 4 * (n - 4));
  for (; n >= 8; n -= 8) {
    const x0 = f32x4.sub(v128.load(x), shift);
    const x1 = f32x4.sub(v128.load(x, 16), shift);
    if (expRare(x0, x1)) {
      v128.store(o, expAnywhere(x0));
      v128.store(o, expAnywhere(x1), 16);
    } else {
      const y0 = expCommon(x0);
      const y1 = expCommon(x1);
      v128.store(o, y0);
      v128.store(o, y1, 16);
    }
    o += 32;
    x += 32;
  }
  if (n > 4) v128.store(o, exp(f32x4.sub(v128.load(x), shift)));
  if (n > 0) v128.store(end, exp(f32x4.sub(last, shift)));
}

/** The sum of exp(x - shift). */
function sumExp(x: usize, n: i32, shift: v128): f64 {
  let total: f64 = 0;
  while (n >= 8) {
    const turns = min(n >> 3, 32);
    n -= turns << 3;
    let sum = f32x4.splat(0);
    for (let i = turns; i > 0; i--) {
      const x0 = f32x4.sub(v128.load(x), shift);
      const x1 = f32x4.sub(v128.load(x, 16), shift);
      if (expRare(x0, x1)) sum = f32x4.add(sum, f32x4.add(expAnywhere(x0), expAnywhere(x1)));
      else sum = f32x4.add(sum, f32x4.add(expCommon(x0), expCommon(x1)));
      x += 32;
    }
    total +=
      <f64>(f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
  }
  for (; n > 0; n--) {
    total += f32x4.extract_lane(exp(f32x4.sub(v128.load32_splat(x), shift)), 0);
    x += 4;
  }
  return total;
}

@inline
function logOf(x: f64): f32 {
  return f32x4.extract_lane(log(f32x4.splat(<f32>x)), 0);
}

/** Multiplies a row in place. */
function scaleRow(o: usize, n: i32, factor: f32): void {
  const scale = f32x4.splat(factor);
  for (; n >= 4; n -= 4) {
    v128.store(o, f32x4.mul(v128.load(o), scale));
    o += 16;
  }
  for (; n > 0; n--) {
    v128.store32_lane(o, f32x4.mul(v128.load32_splat(o), scale), 0);
    o += 4;
  }
}

@unmanaged
class Softmax {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    expRow(o, x, n, f32x4.splat(largestOf(x, n)));
    scaleRow(o, n, <f32>(1 / sumOf(o, n)));
  }
}

export function softmaxRows(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Softmax>(o, x, n, so, sx, frame);
}

@unmanaged
class LogSoftmax {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const shift = f32x4.splat(largestOf(x, n));
    const rest = f32x4.splat(logOf(sumExp(x, n, shift)));
    for (; n >= 4; n -= 4) {
      v128.store(o, f32x4.sub(f32x4.sub(v128.load(x), shift), rest));
      o += 16;
      x += 16;
    }
    for (; n > 0; n--) {
      v128.store32_lane(o, f32x4.sub(f32x4.sub(v128.load32_splat(x), shift), rest), 0);
      o += 4;
      x += 4;
    }
  }
}

export function logSoftmaxRows(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<LogSoftmax>(o, x, n, so, sx, frame);
}

/** An infinite largest element would turn into NaN by inf - inf; such rows are not shifted. */
@unmanaged
class Logsumexp {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const largest = largestOf(x, n);
    const shift: f32 = abs(largest) < Infinity ? largest : 0;
    store<f32>(o, logOf(sumExp(x, n, f32x4.splat(shift))) + shift);
  }
}

export function logsumexpRows(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Logsumexp>(o, x, n, so, sx, frame);
}

/**
 * log(sum(exp(x))) - x[label] of each row. The loss of a row is the logarithm plus the distance of
 * the label's score from the largest, so that large scores cost no digits. Gives 1 if a label was
 * outside; that row is left out.
 */
export function crossEntropyRows(o: usize, x: usize, labels: usize, rows: i32, n: i32): i32 {
  let outside = 0;
  for (; rows > 0; rows--) {
    const label = load<i32>(labels);
    if (<u32>label < <u32>n) {
      const shift = largestOf(x, n);
      const rest = logOf(sumExp(x, n, f32x4.splat(shift)));
      store<f32>(o, rest + (shift - load<f32>(x + 4 * label)));
    } else outside = 1;
    o += 4;
    x += 4 * n;
    labels += 4;
  }
  return outside;
}

/** g (softmax(x) - 1[label]) of each row. */
export function crossEntropyGradientRows(
  o: usize, g: usize, x: usize, labels: usize, rows: i32, n: i32,
): void {
  for (; rows > 0; rows--) {
    const slope = load<f32>(g);
    expRow(o, x, n, f32x4.splat(largestOf(x, n)));
    scaleRow(o, n, <f32>(<f64>slope / sumOf(o, n)));
    const at = o + 4 * load<i32>(labels);
    store<f32>(at, load<f32>(at) - slope);
    o += 4 * n;
    g += 4;
    x += 4 * n;
    labels += 4;
  }
}

/**
 * Steps of optimizers on float32 without gaps: every array is read once and written once. The host
 * has put together the factors that are the same for all elements.
 */
import { madd } from "./madd";

/** u = keep u + take (g + decay w), w = w + rate u; without momentum (u is 0) w = w + rate (g + decay w). */
export function sgdFloat32(
  w: usize, g: usize, u: usize, n: i32, rate: f32, keep: f32, take: f32, decay: f32,
): void {
  const rates = f32x4.splat(rate);
  const keeps = f32x4.splat(keep);
  const takes = f32x4.splat(take);
  const decays = f32x4.splat(decay);
  for (; n >= 4; n -= 4) {
    const weights = v128.load(w);
    let direction = madd(decays, weights, v128.load(g));
    if (u != 0) {
      direction = madd(keeps, v128.load(u), f32x4.mul(takes, direction));
      v128.store(u, direction);
      u += 16;
    }
    v128.store(w, madd(rates, direction, weights));
    w += 16;
    g += 16;
  }
  for (; n > 0; n--) {
    const weight = load<f32>(w);
    let direction = decay * weight + load<f32>(g);
    if (u != 0) {
      direction = keep * load<f32>(u) + take * direction;
      store<f32>(u, direction);
      u += 4;
    }
    store<f32>(w, rate * direction + weight);
    w += 4;
    g += 4;
  }
}

/**
 * s = g + decay w, m = beta1 m + take1 s, v = beta2 v + take2 s^2,
 * w = keep w + rate m / (sqrt(scale v) + eps).
 */
export function adamFloat32(
  w: usize, g: usize, m: usize, v: usize, n: i32, rate: f32, beta1: f32, take1: f32, beta2: f32,
  take2: f32, scale: f32, eps: f32, decay: f32, keep: f32,
): void {
  const rates = f32x4.splat(rate);
  const betas1 = f32x4.splat(beta1);
  const takes1 = f32x4.splat(take1);
  const betas2 = f32x4.splat(beta2);
  const takes2 = f32x4.splat(take2);
  const scales = f32x4.splat(scale);
  const epses = f32x4.splat(eps);
  const decays = f32x4.splat(decay);
  const keeps = f32x4.splat(keep);
  for (; n >= 4; n -= 4) {
    const weights = v128.load(w);
    const slope = madd(decays, weights, v128.load(g));
    const mean = madd(betas1, v128.load(m), f32x4.mul(takes1, slope));
    const square = madd(betas2, v128.load(v), f32x4.mul(takes2, f32x4.mul(slope, slope)));
    v128.store(m, mean);
    v128.store(v, square);
    const size = f32x4.add(f32x4.sqrt(f32x4.mul(square, scales)), epses);
    v128.store(w, madd(keeps, weights, f32x4.div(f32x4.mul(rates, mean), size)));
    w += 16;
    g += 16;
    m += 16;
    v += 16;
  }
  for (; n > 0; n--) {
    const weight = load<f32>(w);
    const slope = decay * weight + load<f32>(g);
    const mean = beta1 * load<f32>(m) + take1 * slope;
    const square = beta2 * load<f32>(v) + take2 * (slope * slope);
    store<f32>(m, mean);
    store<f32>(v, square);
    store<f32>(w, keep * weight + (rate * mean) / (Mathf.sqrt(square * scale) + eps));
    w += 4;
    g += 4;
    m += 4;
    v += 4;
  }
}

/**
 * Numbers of other distributions made of uniform and normal ones, mostly by rejection. Where NumPy's
 * legacy stream has the distribution, its algorithm and order of draws are used, so that a seed gives
 * NumPy's numbers.
 */
import { logUnit } from "./log.ts";

/** Uniform and normal numbers, one at a time, on the host. */
export interface Source {
  /** Uniform in [0, 1), a multiple of 2^-53. */
  uniform(): number;
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number;
}

/** Two independent normal numbers: Marsaglia's polar method (1964). The second is drawn first. */
export function gaussianPair(uniform: () => number): readonly [number, number] {
  let x: number;
  let y: number;
  let square: number;
  do {
    x = 2 * uniform() - 1;
    y = 2 * uniform() - 1;
    square = x * x + y * y;
  } while (square >= 1 || square === 0);
  const stretch = Math.sqrt((-2 * logUnit(square)) / square);
  return [stretch * x, stretch * y];
}

/** Exponential with mean 1. */
export function exponentialFrom(source: Source): number {
  return -logUnit(1 - source.uniform());
}

/**
 * Gamma with scale 1: Marsaglia and Tsang (2000) for concentrations above 1, Ahrens and Dieter
 * (1974) below.
 */
export function gammaFrom(source: Source, concentration: number): number {
  if (concentration === 1) return exponentialFrom(source);
  if (concentration === 0) return 0;
  return concentration < 1 ? smallGamma(source, concentration) : largeGamma(source, concentration);
}

function smallGamma(source: Source, a: number): number {
  for (;;) {
    const u = source.uniform();
    const v = exponentialFrom(source);
    if (u <= 1 - a) {
      const x = u ** (1 / a);
      if (x <= v) return x;
    } else {
      const y = -Math.log((1 - u) / a);
      const x = (1 - a + a * y) ** (1 / a);
      if (x <= v + y) return x;
    }
  }
}

function largeGamma(source: Source, a: number): number {
  const d = a - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    let x: number;
    let v: number;
    do {
      x = source.normal();
      v = 1 + c * x;
    } while (v <= 0);
    v = v * v * v;
    const u = source.uniform();
    // A quick test that spares most logarithms.
    if (u < 1 - 0.0331 * (x * x) * (x * x)) return d * v;
    if (Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** Beta: Johnk (1964) where both are at most 1, else a ratio of gammas. */
export function betaFrom(source: Source, a: number, b: number): number {
  if (a > 1 || b > 1) {
    const x = gammaFrom(source, a);
    return x / (x + gammaFrom(source, b));
  }
  for (;;) {
    const u = source.uniform();
    const v = source.uniform();
    const x = u ** (1 / a);
    const y = v ** (1 / b);
    if (x + y > 1 || u + v === 0) continue;
    if (x + y > 0) return x / (x + y);
    // Both powers have underflowed: the same ratio from their logarithms.
    const [logX, logY] = [Math.log(u) / a, Math.log(v) / b];
    const largest = Math.max(logX, logY);
    const [px, py] = [Math.exp(logX - largest), Math.exp(logY - largest)];
    return px / (px + py);
  }
}

/** Poisson: products of uniform numbers for small rates, Hörmann's PTRS (1993) from 10 on. */
export function poissonFrom(source: Source, rate: number): number {
  if (rate === 0) return 0;
  if (rate >= 10) return largePoisson(source, rate);
  const limit = Math.exp(-rate);
  let count = 0;
  for (let product = source.uniform(); product > limit; product *= source.uniform()) count++;
  return count;
}

function largePoisson(source: Source, rate: number): number {
  const root = Math.sqrt(rate);
  const logRate = Math.log(rate);
  const b = 0.931 + 2.53 * root;
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = source.uniform() - 0.5;
    const v = source.uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const left = Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b);
    if (left <= -rate + k * logRate - logFactorial(k)) return k;
  }
}

/** log(k!), by Stirling's series from 7 on. */
function logFactorial(k: number): number {
  let shift = 0;
  let x = k + 1;
  while (x < 7) {
    shift -= Math.log(x);
    x++;
  }
  const r = 1 / (x * x);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series + shift;
}

/** Binomial: by inversion, one uniform number mostly, for `n p` of at most 30. */
export function binomialFrom(source: Source, n: number, p: number): number {
  if (n === 0 || p === 0) return 0;
  if (p > 0.5) return n - binomialFrom(source, n, 1 - p);
  if (n * p > 30) return largeBinomial(source, n, p);
  const q = 1 - p;
  const start = Math.exp(n * Math.log(q));
  const bound = Math.min(n, n * p + 10 * Math.sqrt(n * p * q + 1));
  let x = 0;
  let px = start;
  let u = source.uniform();
  while (u > px) {
    x++;
    if (x > bound) {
      x = 0;
      px = start;
      u = source.uniform();
    } else {
      u -= px;
      px = ((n - x + 1) * p * px) / (x * q);
    }
  }
  return x;
}

/** Kachitvichyanukul and Schmeiser's BTPE (1988): under a triangle, a box and two tails. */
function largeBinomial(source: Source, n: number, p: number): number {
  const q = 1 - p;
  const mode = n * p + p;
  const m = Math.floor(mode);
  const p1 = Math.floor(2.195 * Math.sqrt(n * p * q) - 4.6 * q) + 0.5;
  const xm = m + 0.5;
  const [xl, xr] = [xm - p1, xm + p1];
  const c = 0.134 + 20.5 / (15.3 + m);
  const slope = (a: number): number => a * (1 + a / 2);
  const laml = slope((mode - xl) / (mode - xl * p));
  const lamr = slope((xr - mode) / (xr * q));
  const p2 = p1 * (1 + 2 * c);
  const p3 = p2 + c / laml;
  const p4 = p3 + c / lamr;
  for (;;) {
    const u = source.uniform() * p4;
    let v = source.uniform();
    if (u <= p1) return Math.floor(xm - p1 * v + u);
    let y: number;
    if (u <= p2) {
      const x = xl + (u - p1) / c;
      v = v * c + 1 - Math.abs(m - x + 0.5) / p1;
      if (v > 1) continue;
      y = Math.floor(x);
    } else if (u <= p3) {
      y = Math.floor(xl + Math.log(v) / laml);
      if (y < 0 || v === 0) continue;
      v = v * (u - p2) * laml;
    } else {
      y = Math.floor(xr - Math.log(v) / lamr);
      if (y > n || v === 0) continue;
      v = v * (u - p3) * lamr;
    }
    if (isBelowBinomial(v, y, n, p, m)) return y;
  }
}

/** Whether v is at most the probability of y divided by that of the mode m. */
function isBelowBinomial(v: number, y: number, n: number, p: number, m: number): boolean {
  const q = 1 - p;
  const npq = n * p * q;
  const k = Math.abs(y - m);
  if (k <= 20 || k >= npq / 2 - 1) {
    const s = p / q;
    const a = s * (n + 1);
    let f = 1;
    for (let i = m + 1; i <= y; i++) f *= a / i - s;
    for (let i = y + 1; i <= m; i++) f /= a / i - s;
    return v <= f;
  }
  const rho = (k / npq) * ((k * (k / 3 + 0.625) + 1 / 6) / npq + 0.5);
  const t = (-k * k) / (2 * npq);
  const logV = Math.log(v);
  if (logV < t - rho) return true;
  if (logV > t + rho) return false;
  const [x1, f1, z, w] = [y + 1, m + 1, n + 1 - m, n - y + 1];
  const exact =
    (m + 0.5) * Math.log(f1 / x1) +
    (n - m + 0.5) * Math.log(z / w) +
    (y - m) * Math.log((w * p) / (x1 * q)) +
    stirlingRest(f1) +
    stirlingRest(z) -
    stirlingRest(x1) -
    stirlingRest(w);
  return logV <= exact;
}

/** Stirling's series for log((x - 1)!) after its main terms. */
function stirlingRest(x: number): number {
  const r = x * x;
  return (13680 - (462 - (132 - (99 - 140 / r) / r) / r) / r) / x / 166320;
}

/**
 * Normal within [low, high], bounds in standard deviations: by rejection from the normal, the
 * uniform or the exponential distribution, whichever fits. Robert (1995).
 */
export function truncatedNormalFrom(source: Source, low: number, high: number): number {
  if (high < 0) return -truncatedNormalFrom(source, -high, -low);
  if (low <= 0 && high - low > Math.sqrt(2 * Math.PI)) {
    for (;;) {
      const z = source.normal();
      if (z >= low && z <= high) return z;
    }
  }
  const nearest = Math.max(low, 0);
  const root = Math.sqrt(nearest * nearest + 4);
  const rate = (nearest + root) / 2;
  const reach = Math.exp((nearest * nearest - nearest * root) / 4 + 0.5) / rate;
  const isTail = low > 0 && high - low > reach;
  for (;;) {
    const z = isTail ? low + exponentialFrom(source) / rate : low + (high - low) * source.uniform();
    const share = isTail ? -((z - rate) ** 2) / 2 : (nearest * nearest - z * z) / 2;
    if (z <= high && source.uniform() <= Math.exp(share)) return z;
  }
}

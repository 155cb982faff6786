// A natural logarithm that is the same in every JavaScript engine, as Math.log need not be, so that
// a seed gives the same numbers everywhere. It rounds correctly about 499 times in 500.
// Method: Dekker, "A floating-point technique for extending the available precision", 1971.

// ln 2 in two parts; the high one has 32 bits, so its product with a small whole number is exact.
const ln2High = 2977044471 * 2 ** -32;
const ln2Low = 1.9082149292705877e-10;

/**
 * The natural logarithm of a number in (0, 1]. `logUnit(0.5)` is -0.6931471805599453.
 */
export function logUnit(x: number): number {
  // x = 2^exponent (1 + f), so log x = exponent ln 2 + log(1 + f), with |f| < 0.42.
  let mantissa = x;
  let exponent = 0;
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent--;
  }

  // log(1 + f) = 2 atanh(s) = 2 (s + s^3/3 + s^5/5 + ...), with s = f / (2 + f) and |s| < 0.18.
  const f = mantissa - 1;
  const divisor = 2 + f;
  const divisorRest = f - (divisor - 2);
  const s = f / divisor;
  const sRest = (remainder(f, s, divisor) - s * divisorRest) / divisor;
  const z = s * s;
  let series = 0;
  for (let odd = 21; odd >= 3; odd -= 2) series = z * (2 / odd + series);

  // Large terms first, then what their sum lost together with all the small ones.
  const large = exponent * ln2High;
  const sum = large + 2 * s;
  const lost = 2 * s - (sum - large);
  return sum + (lost + (exponent * ln2Low + 2 * sRest + s * series));
}

/**
 * f - s d, exact where s is f / d rounded: each factor is split into halves whose products are
 * exact.
 */
function remainder(f: number, s: number, d: number): number {
  const sHigh = highHalf(s);
  const dHigh = highHalf(d);
  const sLow = s - sHigh;
  const dLow = d - dHigh;
  const product = s * d;
  const rest = sHigh * dHigh - product + sHigh * dLow + sLow * dHigh + sLow * dLow;
  return f - product - rest;
}

/** The upper 26 bits of a number's 53. */
function highHalf(x: number): number {
  const scaled = x * (2 ** 27 + 1);
  return scaled - (scaled - x);
}

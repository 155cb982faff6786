/**
 * The error function and its complement in double precision, by the rational approximations of
 * W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of
 * Computation 23 (1969): one for erf near 0, one for e^(x^2) erfc(x) up to 4, one in 1/x^2 beyond.
 */

/** Coefficients of x^2, highest power first; a denominator begins with 1. */
const nearZero = {
  numerator: [
    0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302,
    3209.3775891384694,
  ],
  denominator: [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171],
};

/** Coefficients of x. */
const middle = {
  numerator: [
    2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163,
    298.6351381974001, 881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
  ],
  denominator: [
    1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903,
    3290.7992357334597, 4362.619090143247, 3439.3676741437216, 1230.3393548037495,
  ],
};

/** Coefficients of 1 / x^2. */
const tail = {
  numerator: [
    0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926,
    0.016083785148742275, 0.0006587491615298378,
  ],
  denominator: [
    1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132,
    0.0023352049762686918,
  ],
};

/** erf x = 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x. */
export function erf(x: number): number {
  if (Math.abs(x) <= 0.5) return x * ratio(nearZero, x * x);
  const outside = 1 - complement(Math.abs(x));
  return x < 0 ? -outside : outside;
}

/** 1 - erf x, with all its digits where erf x is near 1. */
export function erfc(x: number): number {
  if (Math.abs(x) <= 0.5) return 1 - erf(x);
  return x < 0 ? 2 - complement(-x) : complement(x);
}

/** erfc x for x > 0.5, or NaN. */
function complement(x: number): number {
  if (x > 27) return 0;
  return bell(x) * (x <= 4 ? ratio(middle, x) : tailOf(x));
}

/** e^(x^2) erfc x beyond 4: 1 / sqrt(pi) and a correction. */
function tailOf(x: number): number {
  const inverse = 1 / (x * x);
  return (1 / Math.sqrt(Math.PI) - inverse * ratio(tail, inverse)) / x;
}

/** e^(-x^2). The square is taken of the leading bits, which it is exact for, and of the rest. */
function bell(x: number): number {
  const leading = Math.trunc(x * 16) / 16;
  return Math.exp(-leading * leading) * Math.exp(-(x - leading) * (x + leading));
}

function ratio(
  { numerator, denominator }: { numerator: readonly number[]; denominator: readonly number[] },
  x: number,
): number {
  return polynomial(numerator, x) / polynomial(denominator, x);
}

function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}

// The decimal text of floating-point numbers, digit for digit as NumPy writes it: as few digits as
// still name the number within its own dtype, or fewer where a precision cuts them off. The
// arithmetic is exact, on big integers, so a half is seen as a half and goes to the even digit.
// (G. L. Steele and J. L. White, "How to print floating-point numbers accurately", 1990.)
// Brackets, rows and line breaks are format.ts's.

/** A dtype whose values are floating-point numbers. */
export type FloatDType = "float32" | "float64";

/** How floats are written: digits after the point, and whether small numbers may become 0. */
export interface FloatStyle {
  readonly dtype: FloatDType;
  readonly precision: number;
  readonly suppress: boolean;
}

/** A number as text, in the parts that columns are aligned by; `exponent` is "" or like "e+07". */
interface NumberParts {
  readonly whole: string;
  readonly fraction: string;
  readonly exponent: string;
}

/** How many digits to write. They stop at a cut, or earlier where they already name the number. */
interface DigitRange {
  /** The cut, counted from the first digit. */
  readonly significant?: number;
  /** The cut, counted from the point. */
  readonly fraction?: number;
  /** Do not stop before here: the cut, or the units. */
  readonly reach?: "cut" | "units";
}

/** integer * 10^place. */
interface Decimal {
  readonly integer: bigint;
  readonly place: number;
}

/**
 * Bits of the mantissa, and the power of two that its last bit stands for in the smallest number.
 */
const BINARY: Record<FloatDType, { readonly bits: number; readonly lowest: number }> = {
  float32: { bits: 24, lowest: -149 },
  float64: { bits: 53, lowest: -1074 },
};

/**
 * One float on its own, as `str` of a NumPy scalar: all its digits, and at least one after the
 * point. The float32 next to
 * 0.1 gives 0.1, the float64 1e16 gives 1e+16.
 */
export function formatFloat(x: number, dtype: FloatDType): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const { whole, fraction, exponent } = scientificParts(x, dtype, {});
    return fraction === "" ? whole + exponent : `${whole}.${fraction}${exponent}`;
  }
  const { whole, fraction } = fixedParts(x, dtype, {});
  return `${whole}.${fraction || "0"}`;
}

/**
 * Floats as the equally long words of one array, their points in one column: 1 and -2.5 give " 1. "
 * and "-2.5".
 */
export function formatFloats(values: readonly number[], style: FloatStyle): string[] {
  const finite = values.filter(Number.isFinite);
  const parts = needsExponent(finite, style)
    ? scientificColumn(finite, style)
    : finite.map((x) => fixedParts(x, style.dtype, { fraction: style.precision, reach: "units" }));
  const others = values.filter((x) => !Number.isFinite(x)).map(nonFinite);

  const after = longest(parts.map((p) => p.fraction + p.exponent));
  // NumPy makes room for "nan" and "inf" alike, whichever of them is there.
  const widest = others.length === 0 ? 0 : others.includes("-inf") ? 4 : 3;
  const before = Math.max(widest - after - 1, longest(parts.map((p) => p.whole)));

  let next = 0;
  return values.map((x) => {
    const part = Number.isFinite(x) ? parts[next++] : undefined;
    if (part === undefined) return nonFinite(x).padStart(before + 1 + after);
    const { whole, fraction, exponent } = part;
    return `${whole.padStart(before)}.${(fraction + exponent).padEnd(after)}`;
  });
}

/** NumPy's rule: exponents for big numbers, small ones, and ones more than a factor 1000 apart. */
function needsExponent(finite: readonly number[], { dtype, suppress }: FloatStyle): boolean {
  const sizes = finite.map(Math.abs).filter((size) => size !== 0);
  if (sizes.length === 0) return false;
  const largest = sizes.reduce((a, b) => Math.max(a, b));
  const smallest = sizes.reduce((a, b) => Math.min(a, b));
  const ratio = dtype === "float32" ? Math.fround(largest / smallest) : largest / smallest;
  return largest >= 1e8 || (!suppress && (smallest < 1e-4 || ratio > 1000));
}

/** All numbers with as many digits as the one that needs most, and exponents of one length. */
function scientificColumn(values: readonly number[], style: FloatStyle): NumberParts[] {
  const { dtype, precision } = style;
  const free = values.map((x) => scientificParts(x, dtype, { significant: precision + 1 }));
  const digits = longest(free.map((p) => p.fraction));
  const exponentDigits = longest(free.map((p) => p.exponent)) - "e+".length;
  return values.map((x) => {
    const range = { significant: digits + 1, reach: "cut" } as const;
    const { whole, fraction, exponent } = scientificParts(x, dtype, range);
    return {
      whole,
      fraction: fraction.padEnd(digits, "0"),
      exponent: exponent.slice(0, 2) + exponent.slice(2).padStart(exponentDigits, "0"),
    };
  });
}

function fixedParts(x: number, dtype: FloatDType, range: DigitRange): NumberParts {
  const { integer, place } = decimal(x, dtype, range);
  const fractionDigits = Math.max(0, -place);
  const digits = (integer * 10n ** BigInt(Math.max(0, place)))
    .toString()
    .padStart(fractionDigits + 1, "0");
  const point = digits.length - fractionDigits;
  return {
    whole: sign(x) + digits.slice(0, point),
    fraction: withoutLastZeros(digits.slice(point)),
    exponent: "",
  };
}

function scientificParts(x: number, dtype: FloatDType, range: DigitRange): NumberParts {
  const { integer, place } = decimal(x, dtype, range);
  const digits = integer.toString();
  const exponent = place + digits.length - 1;
  return {
    whole: sign(x) + digits.slice(0, 1),
    fraction: withoutLastZeros(digits.slice(1)),
    exponent: `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`,
  };
}

/**
 * The decimal that stands for |x|: digits of the exact value from the first on, until they lie
 * nearer to x than to any other number of its dtype, or until the cut.
 */
function decimal(x: number, dtype: FloatDType, range: DigitRange): Decimal {
  const { mantissa, power, closeBelow } = binary(Math.abs(x), dtype);
  if (mantissa === 0n) return { integer: 0n, place: 0 };

  // |x| = rest / unit * 10^place. The half gaps to the neighbours below and above have that unit too.
  const scale = 4n * 2n ** BigInt(Math.max(power, 0));
  let rest = mantissa * scale;
  let below = closeBelow ? scale / 4n : scale / 2n;
  let above = scale / 2n;
  let unit = 4n * 2n ** BigInt(Math.max(-power, 0));
  let place = leadingPlace(rest, unit, Math.abs(x));
  const last = Math.max(
    place + 1 - (range.significant ?? Number.POSITIVE_INFINITY),
    -(range.fraction ?? Number.POSITIVE_INFINITY),
  );
  place = Math.max(place, last);
  const shift = 10n ** BigInt(Math.abs(place));
  if (place > 0) unit *= shift;
  else [rest, below, above] = [rest * shift, below * shift, above * shift];

  const earliest = { none: Number.POSITIVE_INFINITY, units: 0, cut: last }[range.reach ?? "none"];
  // A decimal half way to a neighbour reads back as the one with the even mantissa.
  const edge = mantissa % 2n === 0n ? 1n : 0n;
  for (let integer = 0n; ; place--) {
    const digit = rest / unit;
    rest -= digit * unit;
    integer = 10n * integer + digit;
    const downNames = rest < below + edge;
    const upNames = rest + above + edge > unit;
    if (place === last || (place <= earliest && (downNames || upNames))) {
      const nearerUp = 2n * rest > unit || (2n * rest === unit && digit % 2n === 1n);
      const up = downNames === upNames ? nearerUp : upNames;
      return { integer: up ? integer + 1n : integer, place };
    }
    rest *= 10n;
    below *= 10n;
    above *= 10n;
  }
}

/** The largest power of ten that is not above x = rest / unit. */
function leadingPlace(rest: bigint, unit: bigint, x: number): number {
  // The logarithm may be off by one next to a power of ten.
  const guess = Math.floor(Math.log10(x));
  const reaches = (place: number): boolean =>
    place < 0 ? rest * 10n ** BigInt(-place) >= unit : rest >= unit * 10n ** BigInt(place);
  if (reaches(guess + 1)) return guess + 1;
  return reaches(guess) ? guess : guess - 1;
}

/**
 * x = mantissa * 2^power, x >= 0, and whether the next number down is only half as far as the one
 * up.
 */
function binary(
  x: number,
  dtype: FloatDType,
): { mantissa: bigint; power: number; closeBelow: boolean } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const stored = Number(word >> 52n);
  const fraction = word % 2n ** 52n;
  const whole = stored === 0 ? fraction : fraction + 2n ** 52n;
  const lowest = Math.max(stored, 1) - 1075;

  const format = BINARY[dtype];
  const spare = Math.max(53 - format.bits, format.lowest - lowest);
  const mantissa = whole >> BigInt(spare);
  const power = lowest + spare;
  const closeBelow = power > format.lowest && mantissa === 2n ** BigInt(format.bits - 1);
  return { mantissa, power, closeBelow };
}

function nonFinite(x: number): string {
  if (Number.isNaN(x)) return "nan";
  return x > 0 ? "inf" : "-inf";
}

function sign(x: number): string {
  return x < 0 || Object.is(x, -0) ? "-" : "";
}

function withoutLastZeros(digits: string): string {
  return digits.replace(/0+$/, "");
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}

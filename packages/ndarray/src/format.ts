// Arrays as text, character for character as NumPy 1.24 prints them: aligned columns, wrapped rows,
// dots in the middle of large arrays, blank lines between planes. The digits of a float are
// format-number.ts's. Only the elements that are shown are read.

import {
  callback,
  check,
  checkOptions,
  flag,
  having,
  type Kinds,
  number,
  text,
  whole,
} from "./args.ts";
import { checkDType, type DType } from "./dtype.ts";
import { type FloatDType, type FloatStyle, formatFloat, formatFloats } from "./format-number.ts";
import { checkShape, sizeOf } from "./shape.ts";

/** The dtypes that can be printed: all of them. */
export type PrintDType = DType;

/** How arrays are printed; the names and defaults are those of NumPy's `set_printoptions`. */
export interface PrintOptions {
  /** Most digits after the point of a float. Default 8. */
  readonly precision?: number;
  /** Arrays with more elements than this show only the edges of their long axes. Default 1000. */
  readonly threshold?: number;
  /** Elements shown at either end of a shortened axis, at least 1. Default 3. */
  readonly edgeItems?: number;
  /** Characters in a line. Default 75. */
  readonly lineWidth?: number;
  /** Print small floats as 0 rather than with an exponent. Default false. */
  readonly suppress?: boolean;
}

/** {@link PrintOptions}, and what stands around the numbers. */
export interface ReprOptions extends PrintOptions {
  /** The word before the parenthesis. Default "array". */
  readonly name?: string;
  /** A last field before the closing parenthesis, such as "requiresGrad=true". Default none. */
  readonly suffix?: string;
}

/** What printing needs to know of an array. */
export interface Printable {
  readonly shape: readonly number[];
  readonly dtype: PrintDType;
  /** The element at a full multi-index, as its dtype holds it; 0 or 1 for a bool. */
  at(index: readonly number[]): number;
}

/** How the elements of one dtype are written. */
interface Writer {
  /** One element on its own. */
  readonly scalar: (value: number) => string;
  /** The elements of one array, padded to one width. */
  readonly words: (values: readonly number[], style: Omit<FloatStyle, "dtype">) => string[];
}

/** Where the text of an array stands: what parts its elements, and the columns it may use. */
interface Frame {
  readonly separator: string;
  readonly start: number;
  readonly end: number;
}

const WRITERS: Record<PrintDType, Writer> = {
  float32: floats("float32"),
  float64: floats("float64"),
  int32: { scalar: String, words: (values) => alignRight(values.map(String)) },
  uint8: { scalar: String, words: (values) => alignRight(values.map(String)) },
  // NumPy makes room for "False" even where there is none, except around a single element of rank
  // 0.
  bool: { scalar: truth, words: (values) => values.map((value) => truth(value).padStart(5)) },
};

/**
 * The text of `str(x)` in NumPy: the values, without name or dtype.
 *
 * @throws ArgumentError where `precision` or `edgeItems` is out of its range.
 * @example
 * import { formatArray, type Printable } from "@needle/ndarray";
 * const x: Printable = { shape: [3], dtype: "float32", at: ([i = 0]) => i / 2 };
 * formatArray(x); // => [0.  0.5 1. ]
 */
export function formatArray(x: Printable, options: PrintOptions = {}): string {
  checkPrintable("formatArray", x, options, printOptions);
  if (x.shape.length === 0) return WRITERS[x.dtype].scalar(x.at([]));
  return formatBody(x, options, { separator: " ", start: 0, end: options.lineWidth ?? 75 });
}

/**
 * The text of `repr(x)` in NumPy: the values in `array(…)`, and the dtype where they leave it open.
 *
 * @throws ArgumentError where `precision` or `edgeItems` is out of its range.
 * @example
 * import { formatRepr, type Printable } from "@needle/ndarray";
 * const x: Printable = { shape: [2], dtype: "float32", at: ([i = 0]) => i / 2 };
 * formatRepr(x); // => array([0. , 0.5], dtype=float32)
 * formatRepr(x, { name: "tensor", suffix: "grad" }); // => tensor([0. , 0.5], dtype=float32, grad)
 */
export function formatRepr(x: Printable, options: ReprOptions = {}): string {
  checkPrintable("formatRepr", x, options, reprOptions);
  const { name = "array", suffix = "", lineWidth = 75 } = options;
  const opening = `${name}(`;
  const body = formatBody(x, options, {
    separator: ", ",
    start: opening.length,
    end: lineWidth - 1,
  });
  const isEmpty = sizeOf(x.shape) === 0;
  const shape = isEmpty && x.shape.length > 1 ? `, shape=(${x.shape.join(", ")})` : "";
  const head = opening + body + shape;

  const isPlain = !isEmpty && (x.dtype === "float64" || x.dtype === "bool");
  const fields = [isPlain ? "" : `dtype=${x.dtype}`, suffix].filter((field) => field !== "");
  if (fields.length === 0) return `${head})`;
  const tail = `${fields.join(", ")})`;
  const lastLine = head.length - (head.lastIndexOf("\n") + 1);
  const fits = lastLine + ", ".length + tail.length <= lineWidth;
  return `${head},${fits ? " " : `\n${" ".repeat(opening.length)}`}${tail}`;
}

const printOptions: Kinds<PrintOptions> = {
  precision: whole(0),
  // Infinitely many are no limit.
  threshold: number,
  edgeItems: whole(1),
  lineWidth: number,
  suppress: flag,
};
const reprOptions: Kinds<ReprOptions> = { ...printOptions, name: text, suffix: text };

const printable = having(
  "an array, or have a shape, a dtype and at(index)",
  "shape",
  "dtype",
  "at",
);

/** Throws unless `x` can be printed so. Of freed arrays, printing them speaks. */
function checkPrintable<Options extends PrintOptions>(
  op: string,
  x: Printable,
  options: Options,
  kinds: Kinds<Options>,
): void {
  check(op, "the argument", x, printable);
  checkShape(op, x.shape);
  checkDType(op, x.dtype);
  check(op, "at", x.at, callback);
  checkOptions(op, options, kinds);
}

/** The elements in their brackets. */
function formatBody(x: Printable, options: PrintOptions, frame: Frame): string {
  const { precision = 8, threshold = 1000, edgeItems = 3, suppress = false } = options;
  const rank = x.shape.length;
  const size = sizeOf(x.shape);
  if (size === 0) return "[]";

  const edge = size > threshold ? edgeItems : Number.POSITIVE_INFINITY;
  const shown = x.shape.map((length) => shownIndices(length, edge));
  const indices = shown.reduce<readonly number[][]>(
    (found, axis) => found.flatMap((index) => axis.map((i) => [...index, i])),
    [[]],
  );
  const values = indices.map((index) => x.at(index));
  const words = WRITERS[x.dtype].words(values, { precision, suppress });
  if (rank === 0) return words.join("").trim();

  // From elements to rows, from rows to planes, and so on to the one text of the whole.
  let texts = words;
  for (let axis = rank - 1; axis >= 0; axis--) {
    const along = shown[axis]!.length;
    const isCut = along < x.shape[axis]!;
    texts = groups(texts, along).map((group) => {
      const items = isCut ? [...group.slice(0, edge), "...", ...group.slice(edge)] : group;
      return `[${joinAxis(items, axis, rank, frame)}]`;
    });
  }
  return texts.join("");
}

/** The indices of an axis that are printed: all, or `edge` at either end. */
function shownIndices(length: number, edge: number): number[] {
  const shown = Math.min(length, 2 * edge);
  return Array.from({ length: shown }, (_, i) => (i < edge ? i : length - shown + i));
}

function groups(texts: readonly string[], length: number): string[][] {
  return Array.from({ length: texts.length / length }, (_, i) =>
    texts.slice(i * length, (i + 1) * length),
  );
}

/** The items of one axis: the last axis runs along lines, the others put blank lines between. */
function joinAxis(items: readonly string[], axis: number, rank: number, frame: Frame): string {
  const indent = " ".repeat(frame.start + axis + 1);
  const below = rank - 1 - axis;
  if (below > 0) return items.join(frame.separator.trimEnd() + "\n".repeat(below) + indent);

  // Room is kept for the brackets that may close after an element.
  const end = frame.end - rank;
  const lines: string[] = [];
  let line = indent;
  for (const [i, item] of items.entries()) {
    if (line.length > indent.length && line.length + item.length > end) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += i < items.length - 1 ? item + frame.separator : item;
  }
  return [...lines, line].join("\n").slice(indent.length);
}

function floats(dtype: FloatDType): Writer {
  return {
    scalar: (value) => formatFloat(value, dtype),
    words: (values, style) => formatFloats(values, { dtype, ...style }),
  };
}

function alignRight(words: readonly string[]): string[] {
  const width = words.reduce((most, word) => Math.max(most, word.length), 0);
  return words.map((word) => word.padStart(width));
}

function truth(value: number): string {
  return value === 0 ? "False" : "True";
}

/**
 * What the strides visualiser shows: an array as the framework lays it out, its elements with their
 * places in memory, and what each op does to both.
 */
import { ArgumentError, arange, type Index, type NDArray, ShapeError } from "@needle/ndarray";

/** The most elements of a new array, elements of a view, and axes: what fits a page. */
export const limits = { elements: 48, view: 120, axes: 4 } as const;

/** What a button does. */
export type Step =
  | { readonly op: "transpose" }
  | { readonly op: "compact" }
  | { readonly op: "flip"; readonly axis: number }
  | { readonly op: "slice"; readonly indices: readonly string[] }
  | { readonly op: "broadcastTo"; readonly shape: string }
  | { readonly op: "reshape"; readonly shape: string };

/** An array on its way. */
export interface Stage {
  readonly array: NDArray;
  /** All of the memory that the array lies in, in one row. */
  readonly memory: NDArray;
  /** The how-manieth memory it is, from 0. */
  readonly memoryNumber: number;
  /** The program so far. */
  readonly code: string;
  /** What the last op did: made a view of the same memory, copied, or gave back what it got. */
  readonly effect: "new" | "view" | "compact" | "reshape" | "same";
}

/** An element of an array. */
export interface Cell {
  readonly index: readonly number[];
  /** Its place in memory. */
  readonly address: number;
  readonly value: number;
}

/** The numbers of a text such as `2, 3` or `[2, 3]`. */
export function readShape(text: string): number[] {
  const inner = text
    .trim()
    .replace(/^[[(]/, "")
    .replace(/[\])]$/, "")
    .trim();
  if (inner === "") return [];
  return inner.split(/[\s,x×]+/).map((part) => {
    if (!/^-?\d+$/.test(part)) throw new ArgumentError("shape", `"${part}" is not a whole number`);
    return Number(part);
  });
}

/** An array `0, 1, 2, …` of a shape. */
export function start(text: string): Stage {
  const shape = readShape(text);
  const size = shape.reduce((product, length) => product * length, 1);
  if (shape.some((length) => length < 1) || size > limits.elements) {
    throw new ShapeError("shape", `from 1 to ${limits.elements} elements fit here, not [${shape}]`);
  }
  checkAxes(shape.length);
  const memory = arange(size);
  const array = memory.reshape(shape);
  const code =
    shape.length === 1 ? `arange(${size})` : `arange(${size}).reshape([${shape.join(", ")}])`;
  return { array, memory, memoryNumber: 0, code, effect: "new" };
}

function checkAxes(count: number): void {
  if (count > limits.axes) {
    throw new ShapeError("shape", `at most ${limits.axes} axes fit here, not ${count}`);
  }
}

/**
 * The array after a step.
 *
 * @throws the framework's own errors, and ShapeError for what does not fit the page.
 */
export function take(stage: Stage, step: Step): Stage {
  const [array, call] = perform(stage.array, step);
  checkAxes(array.ndim);
  if (array.size > limits.view) {
    throw new ShapeError(step.op, `at most ${limits.view} elements fit here, not ${array.size}`);
  }
  const code = `${stage.code}.${call}`;
  if (array.storage === stage.array.storage) {
    return { ...stage, array, code, effect: array === stage.array ? "same" : "view" };
  }
  const memory = array.reshape([-1]);
  const effect = step.op === "reshape" ? "reshape" : "compact";
  return { array, memory, memoryNumber: stage.memoryNumber + 1, code, effect };
}

/** The result of a step, and how it is written. */
function perform(x: NDArray, step: Step): [NDArray, string] {
  switch (step.op) {
    case "transpose":
      return [x.transpose(), "transpose()"];
    case "compact":
      return [x.compact(), "compact()"];
    case "flip":
      return [x.flip(step.axis), `flip(${step.axis})`];
    case "slice": {
      const indices = step.indices.map(readIndex);
      return [x.slice(...indices), `slice(${indices.map((i) => JSON.stringify(i)).join(", ")})`];
    }
    case "broadcastTo": {
      const shape = readShape(step.shape);
      return [x.broadcastTo(shape), `broadcastTo([${shape.join(", ")}])`];
    }
    case "reshape": {
      const shape = readShape(step.shape);
      return [x.reshape(shape), `reshape([${shape.join(", ")}])`];
    }
  }
}

/** A position, `2`, or a range, `1:3`. */
function readIndex(text: string): Index {
  const trimmed = text.trim();
  if (trimmed === "") return ":";
  return /^[+-]?\d+$/.test(trimmed) ? Number(trimmed) : trimmed;
}

/** The elements in row-major order. */
export function cellsOf({ array, memory }: Stage): Cell[] {
  const values = memory.toTypedArray();
  const { shape, strides, offset } = array;
  return Array.from({ length: array.size }, (_, position) => {
    const index: number[] = [];
    let rest = position;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    const address = index.reduce((sum, i, axis) => sum + i * strides[axis]!, offset);
    return { index, address, value: values[address]! };
  });
}

/** The elements as pages of rows: one page for every place along the axes before the last two. */
export interface Page {
  /** The positions along the axes before the last two. */
  readonly at: readonly number[];
  readonly rows: readonly (readonly Cell[])[];
}

/** How an array is laid on paper. */
export function pagesOf(stage: Stage): Page[] {
  const { shape } = stage.array;
  const [height = 1, width = 1] = shape.length < 2 ? [1, shape[0] ?? 1] : shape.slice(-2);
  const cells = cellsOf(stage);
  const pages: Page[] = [];
  for (let first = 0; first < cells.length; first += height * width) {
    const rows = Array.from({ length: height }, (_, row) =>
      cells.slice(first + row * width, first + (row + 1) * width),
    );
    pages.push({ at: cells[first]!.index.slice(0, -2), rows });
  }
  return pages;
}

/** How the place of an element is found: `1 + 2·4 + 0·1 = 9`. */
export function addressFormula({ array }: Stage, { index, address }: Cell): string {
  const terms = index.map((i, axis) => {
    const stride = array.strides[axis]!;
    return `${i}·${stride < 0 ? `(−${-stride})` : stride}`;
  });
  return `${[array.offset, ...terms].join(" + ")} = ${address}`;
}

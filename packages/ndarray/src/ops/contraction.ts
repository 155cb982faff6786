/**
 * Products of any number of arrays, from a few ops that arrays and tensors both have as methods:
 * the same functions serve both, and those of tensors are differentiable because their parts are.
 */
import { ArgumentError, ShapeError, show, showShape } from "../errors.ts";
import { scope } from "../scope.ts";
import {
  broadcastShapes,
  checkDistinct,
  checkList,
  normalizeAxis,
  type Shape,
  sizeOf,
} from "../shape.ts";

/** What products ask of their operands. */
export interface Contractable<T> {
  readonly shape: Shape;
  readonly ndim: number;
  reshape(shape: Shape): T;
  permute(axes: readonly number[]): T;
  diagonal(offset: number, axes: readonly [number, number]): T;
  sum(axes: readonly number[]): T;
  mul(other: T): T;
  sub(other: T): T;
  matmul(other: T): T;
  roll(shift: number, axis: number): T;
}

/** An operand and the names of its axes: letters, or numbers from the end for those of "...". */
interface Term<T> {
  readonly x: T;
  readonly labels: readonly string[];
}

interface Subscripts {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
}

function fail(subscripts: string, problem: string): never {
  throw new ArgumentError("einsum", `${problem} in "${subscripts}"`);
}

/** Axis names of one term; `rank` is null for the output, whose "..." has as many axes as any. */
function labelsOf(subscripts: string, term: string, rank: number | null, dots: number): string[] {
  const parts = term.split("...");
  if (parts.length > 2) fail(subscripts, `"${term}" has more than one "..."`);
  const letters = parts.join("");
  const odd = [...letters].find((letter) => !/[A-Za-z]/.test(letter));
  if (odd !== undefined) fail(subscripts, `"${odd}" is no subscript`);
  const hidden = parts.length === 1 ? 0 : rank === null ? dots : rank - letters.length;
  if (rank !== null && (hidden < 0 || (parts.length === 1 && letters.length !== rank))) {
    throw new ShapeError(
      "einsum",
      `"${term}" names ${letters.length} axes, the operand has ${rank}, in "${subscripts}"`,
    );
  }
  const ellipsis = Array.from({ length: hidden }, (_, i) => String(hidden - i));
  return [...parts[0]!, ...ellipsis, ...(parts[1] ?? "")];
}

/** Letters that occur once, in alphabetical order, after the axes of "...". */
function implicitOutput(inputs: readonly (readonly string[])[]): string[] {
  const all = inputs.flat();
  const hidden = [...new Set(all.filter((label) => /\d/.test(label)))];
  const once = all.filter(
    (label) => !/\d/.test(label) && all.filter((l) => l === label).length === 1,
  );
  return [...hidden.sort((a, b) => Number(b) - Number(a)), ...once.sort()];
}

function parse(subscripts: string, shapes: readonly Shape[]): Subscripts {
  if (typeof subscripts !== "string") {
    const remedy = 'Write them as in einsum("ij,jk->ik", a, b).';
    throw new ArgumentError("einsum", `subscripts are a string, got ${show(subscripts)}`, remedy);
  }
  const [left, right, ...more] = subscripts.replaceAll(/\s/g, "").split("->");
  if (more.length > 0) fail(subscripts, 'there is more than one "->"');
  const terms = left!.split(",");
  if (terms.length !== shapes.length) {
    fail(subscripts, `${shapes.length} operands for ${terms.length} terms`);
  }
  const inputs = terms.map((term, i) => labelsOf(subscripts, term, shapes[i]!.length, 0));
  const dots = Math.max(
    0,
    ...inputs
      .flat()
      .filter((label) => /\d/.test(label))
      .map(Number),
  );
  const output =
    right === undefined ? implicitOutput(inputs) : labelsOf(subscripts, right, null, dots);
  const sizes = sizesOf(subscripts, inputs, shapes);
  for (const label of output) {
    if (!sizes.has(label)) fail(subscripts, `the output's "${label}" is in no operand`);
    if (output.filter((other) => other === label).length > 1) {
      fail(subscripts, `the output has "${label}" twice`);
    }
  }
  return { inputs, output, sizes };
}

/** The length of each named axis; 1 gives way to any other. */
function sizesOf(
  subscripts: string,
  inputs: readonly (readonly string[])[],
  shapes: readonly Shape[],
): Map<string, number> {
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) => {
    labels.forEach((label, axis) => {
      const length = shapes[i]![axis]!;
      const twice = labels.indexOf(label);
      const known = sizes.get(label) ?? 1;
      const within = shapes[i]![twice]!;
      if (within !== length || (known !== length && known !== 1 && length !== 1)) {
        const other = within === length ? known : within;
        const name = /\d/.test(label) ? "..." : label;
        throw new ShapeError(
          "einsum",
          `"${name}" has lengths ${other} and ${length} in "${subscripts}", shapes ${shapes.map(showShape).join(" and ")}`,
        );
      }
      if (length !== 1 || !sizes.has(label)) sizes.set(label, length);
    });
  });
  return sizes;
}

/**
 * A product by Einstein's convention: axes of one name are multiplied element by element, and
 * summed unless the name is in the output. A name twice in one term takes a diagonal, `"..."`
 * stands for the axes that are not named, which broadcast; without `"->"` the output has the names
 * that occur once, in alphabetical order (NumPy's einsum). Works on arrays and on tensors; pairs are
 * multiplied by `matmul`, smallest results first.
 *
 * @throws ShapeError for lengths that differ, ArgumentError for subscripts that cannot be read.
 *
 * @example
 * import { array, einsum } from "@needle/ndarray";
 * const a = array([[1, 2], [3, 4]]);
 * einsum("ij,jk->ik", a, a); // => [[ 7. 10.]
 *    //     [15. 22.]]
 * einsum("ii", a); // => 5.0
 */
export function einsum<T extends Contractable<T>>(subscripts: string, ...operands: T[]): T {
  const shapes = operands.map((x) => {
    if (typeof x === "object" && x !== null && "shape" in x) return x.shape;
    throw new ArgumentError("einsum", `operands are arrays or tensors, got ${show(x)}`);
  });
  const { inputs, output, sizes } = parse(subscripts, shapes);
  return scope(() => {
    let terms = operands.map((x, i) => simple({ x, labels: inputs[i]! }, sizes));
    while (terms.length > 1) {
      const [i, j] = cheapest(terms, output, sizes);
      const rest = terms.filter((_, k) => k !== i && k !== j);
      const wanted = new Set([...output, ...rest.flatMap(({ labels }) => labels)]);
      terms = [...rest, contract(terms[i]!, terms[j]!, wanted, sizes)];
    }
    const { x, labels } = summed(terms[0]!, new Set(output));
    return x.permute(output.map((label) => labels.indexOf(label)));
  });
}

/** Without repeated names, and without axes of length 1 that only broadcast. */
function simple<T extends Contractable<T>>(term: Term<T>, sizes: Subscripts["sizes"]): Term<T> {
  let { x, labels } = term;
  for (;;) {
    const second = labels.findIndex((label, axis) => labels.indexOf(label) < axis);
    if (second === -1) break;
    const label = labels[second]!;
    const first = labels.indexOf(label);
    x = x.diagonal(0, [first, second]);
    labels = [...labels.filter((_, axis) => axis !== first && axis !== second), label];
  }
  const stays = labels.map((label, axis) => x.shape[axis] === sizes.get(label));
  if (stays.every(Boolean)) return { x, labels };
  return {
    x: x.reshape(x.shape.filter((_, axis) => stays[axis])),
    labels: labels.filter((_, axis) => stays[axis]),
  };
}

/** Without the axes nobody needs any more. */
function summed<T extends Contractable<T>>({ x, labels }: Term<T>, wanted: Set<string>): Term<T> {
  const axes = labels.flatMap((label, axis) => (wanted.has(label) ? [] : [axis]));
  if (axes.length === 0) return { x, labels };
  return { x: x.sum(axes), labels: labels.filter((label) => wanted.has(label)) };
}

/** The pair whose product is smallest compared with its factors. */
function cheapest<T>(
  terms: readonly Term<T>[],
  output: readonly string[],
  sizes: Subscripts["sizes"],
): [number, number] {
  const volume = (labels: Iterable<string>): number =>
    sizeOf([...labels].map((label) => sizes.get(label)!));
  let best: [number, number] = [0, 1];
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < terms.length; i++) {
    for (let j = i + 1; j < terms.length; j++) {
      const others = terms.filter((_, k) => k !== i && k !== j).flatMap(({ labels }) => labels);
      const needed = new Set([...output, ...others]);
      const [a, b] = [terms[i]!.labels, terms[j]!.labels];
      const kept = new Set([...a, ...b].filter((label) => needed.has(label)));
      const cost = volume(kept) - volume(a) - volume(b);
      if (cost < least) {
        least = cost;
        best = [i, j];
      }
    }
  }
  return best;
}

/** The product of two terms, summed over the names that only these two have. */
function contract<T extends Contractable<T>>(
  first: Term<T>,
  second: Term<T>,
  wanted: Set<string>,
  sizes: Subscripts["sizes"],
): Term<T> {
  const [left, right] = [first.labels, second.labels];
  const a = summed(first, new Set([...wanted, ...right]));
  const b = summed(second, new Set([...wanted, ...left]));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => wanted.has(label));
  const inner = shared.filter((label) => !wanted.has(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const shape = (labels: readonly string[]): number[] => labels.map((label) => sizes.get(label)!);
  const arranged = ({ x, labels }: Term<T>, order: readonly string[]): T =>
    x.permute(order.map((label) => labels.indexOf(label)));
  const labels = [...batch, ...rows, ...columns];
  const one = (list: readonly string[]): number[] => list.map(() => 1);
  if (inner.length === 0) {
    const tall = arranged(a, [...batch, ...rows]).reshape([
      ...shape([...batch, ...rows]),
      ...one(columns),
    ]);
    const wide = arranged(b, [...batch, ...columns]).reshape([
      ...shape(batch),
      ...one(rows),
      ...shape(columns),
    ]);
    return { x: tall.mul(wide), labels };
  }
  const [m, k, n] = [rows, inner, columns].map((list) => sizeOf(shape(list))) as [
    number,
    number,
    number,
  ];
  const tall = arranged(a, [...batch, ...rows, ...inner]).reshape([...shape(batch), m, k]);
  const wide = arranged(b, [...batch, ...inner, ...columns]).reshape([...shape(batch), k, n]);
  return { x: tall.matmul(wide).reshape(shape(labels)), labels };
}

/** The axes two operands are summed over: so many of the end and start, or a list of each. */
export type TensordotAxes =
  | number
  | readonly [number | readonly number[], number | readonly number[]];

function tensordotAxes(a: Shape, b: Shape, axes: TensordotAxes): [number[], number[]] {
  if (typeof axes === "number") {
    if (!Number.isSafeInteger(axes) || axes < 0 || axes > Math.min(a.length, b.length)) {
      throw new ShapeError(
        "tensordot",
        `cannot sum ${axes} axes of ${showShape(a)} and ${showShape(b)}`,
      );
    }
    const count = Array.from({ length: axes }, (_, i) => i);
    return [count.map((i) => a.length - axes + i), count];
  }
  if (!Array.isArray(axes) || axes.length !== 2) {
    throw new ShapeError("tensordot", `axes are a number or two lists, got ${show(axes)}`);
  }
  const [left, right] = axes.map((named: number | readonly number[], side) => {
    const list = typeof named === "number" ? [named] : named;
    checkList("tensordot", "each list of axes is a number or an array of numbers", list);
    const rank = (side === 0 ? a : b).length;
    const found = Array.from(list, (axis) => normalizeAxis("tensordot", axis, rank));
    checkDistinct("tensordot", found, found);
    return found;
  }) as [number[], number[]];
  if (left.length !== right.length) {
    throw new ShapeError(
      "tensordot",
      `${left.length} axes of the first, ${right.length} of the second operand`,
    );
  }
  return [left, right];
}

/** Products of two operands, of arrays or of tensors. */
export const products = {
  tensordot<T extends Contractable<T>>(a: T, b: T, axes: TensordotAxes = 2): T {
    const [left, right] = tensordotAxes(a.shape, b.shape, axes);
    return sumOver("tensordot", a, b, left, right);
  },
  inner<T extends Contractable<T>>(a: T, b: T): T {
    if (a.ndim === 0 || b.ndim === 0) return a.mul(b);
    return sumOver("inner", a, b, [a.ndim - 1], [b.ndim - 1]);
  },
  dot<T extends Contractable<T>>(a: T, b: T): T {
    if (a.ndim === 0 || b.ndim === 0) return a.mul(b);
    return sumOver("dot", a, b, [a.ndim - 1], [Math.max(0, b.ndim - 2)]);
  },
  vdot<T extends Contractable<T>>(a: T, b: T): T {
    return sumOver("vdot", a.reshape([-1]), b.reshape([-1]), [0], [0]);
  },
  outer<T extends Contractable<T>>(a: T, b: T): T {
    return a.reshape([sizeOf(a.shape), 1]).mul(b.reshape([1, sizeOf(b.shape)]));
  },
  kron<T extends Contractable<T>>(a: T, b: T): T {
    const rank = Math.max(a.ndim, b.ndim);
    const filled = (shape: Shape): number[] => [
      ...new Array<number>(rank - shape.length).fill(1),
      ...shape,
    ];
    const [left, right] = [filled(a.shape), filled(b.shape)];
    const product = a
      .reshape(left.flatMap((length) => [length, 1]))
      .mul(b.reshape(right.flatMap((length) => [1, length])));
    return product.reshape(left.map((length, axis) => length * right[axis]!));
  },
  cross<T extends Contractable<T>>(a: T, b: T, axis: number = -1): T {
    const shape = broadcastShapes("cross", a.shape, b.shape);
    const along = normalizeAxis("cross", axis, shape.length) - shape.length;
    const lengths = [a.shape.at(along), b.shape.at(along)];
    if (lengths.some((length) => length !== 3)) {
      throw new ShapeError(
        "cross",
        `axis ${axis} of both operands must have length 3, got ${showShape(a.shape)} and ${showShape(b.shape)}`,
      );
    }
    // c[i] = a[i + 1] b[i + 2] - a[i + 2] b[i + 1]
    return a
      .roll(-1, along)
      .mul(b.roll(-2, along))
      .sub(a.roll(-2, along).mul(b.roll(-1, along)));
  },
} as const;

/** The product summed over pairs of axes, the others of `a` before those of `b`. */
function sumOver<T extends Contractable<T>>(
  op: string,
  a: T,
  b: T,
  left: readonly number[],
  right: readonly number[],
): T {
  const sizes = (shape: Shape, axes: readonly number[]): number[] =>
    axes.map((axis) => shape[axis]!);
  const [inner, other] = [sizes(a.shape, left), sizes(b.shape, right)];
  const differ = inner.findIndex((length, i) => length !== other[i]);
  if (differ !== -1) {
    throw new ShapeError(
      op,
      `summed sizes differ, ${showShape(a.shape)} x ${showShape(b.shape)} (${inner[differ]} vs ${other[differ]})`,
    );
  }
  const rest = (shape: Shape, axes: readonly number[]): number[] =>
    [...shape.keys()].filter((axis) => !axes.includes(axis));
  const [rows, columns] = [rest(a.shape, left), rest(b.shape, right)];
  const k = sizeOf(inner);
  const m = sizeOf(sizes(a.shape, rows));
  const n = sizeOf(sizes(b.shape, columns));
  const tall = a.permute([...rows, ...left]).reshape([m, k]);
  const wide = b.permute([...right, ...columns]).reshape([k, n]);
  return tall.matmul(wide).reshape([...sizes(a.shape, rows), ...sizes(b.shape, columns)]);
}

/** Ops that repeat elements, move them around, or spread vectors over a grid. */
import { check, checkOptions, type Kinds, oneOf, oneOrMore, whole } from "../args.ts";
import { array } from "../create.ts";
import { ArgumentError, ShapeError, showShape } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { normalizeAxis, type Shape } from "../shape.ts";
import type { Index } from "../slice.ts";
import { copy } from "./cast.ts";
import { checkArray, checkArrays, sameBackend } from "./common.ts";
import { take } from "./indexing.ts";
import { concat } from "./joining.ts";
import { broadcastTo, flatten, reshape, slice } from "./views.ts";

/**
 * How `tile` repeats an array of `shape`: as many counts as axes, and as many axes as counts, by
 * ones in front.
 */
function tiling(
  op: string,
  shape: Shape,
  counts: number | readonly number[],
): {
  readonly counts: number[];
  readonly shape: number[];
} {
  check(op, "counts", counts, oneOrMore(whole(0)));
  const list = typeof counts === "number" ? [counts] : [...counts];
  const rank = Math.max(list.length, shape.length);
  const filled = (sizes: Shape): number[] => [
    ...new Array<number>(rank - sizes.length).fill(1),
    ...sizes,
  ];
  return { counts: filled(list), shape: filled(shape) };
}

/**
 * The array repeated side by side, `counts[i]` times along axis `i` (NumPy's tile, PyTorch's
 * repeat). Counts are aligned at the end; missing ones, and missing axes, are 1.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2]).tile(2); // => [1. 2. 1. 2.]
 * array([1, 2]).tile([2, 1]); // => [[1. 2.] [1. 2.]]
 */
export function tile(x: NDArray, counts: number | readonly number[]): NDArray {
  checkArray("tile", x);
  const tiles = tiling("tile", x.shape, counts);
  const apart = tiles.shape.flatMap((length) => [1, length]);
  const spread = tiles.shape.flatMap((length, axis) => [tiles.counts[axis]!, length]);
  return scope(() => {
    const stretched = broadcastTo(reshape(x, apart), spread);
    const joined = tiles.shape.map((length, axis) => length * tiles.counts[axis]!);
    return reshape(copy(stretched), joined);
  });
}

/** The position that each element of a repeated axis shows. A single count holds for all. */
function repeatPositions(
  op: string,
  length: number,
  counts: number | readonly number[],
): Int32Array {
  check(op, "counts", counts, oneOrMore(whole(0)));
  const given = typeof counts === "number" ? [counts] : counts;
  const list = given.length === 1 ? new Array<number>(length).fill(given[0]!) : given;
  if (list.length !== length) {
    throw new ShapeError(op, `${list.length} counts for an axis of length ${length}`);
  }
  return Int32Array.from(
    list.flatMap((count, position) => new Array<number>(count).fill(position)),
  );
}

/**
 * Each element repeated in its place, `counts` times or by a count for each position along `axis`
 * (NumPy's repeat, PyTorch's repeat_interleave). Without an axis the array is flattened first. For
 * the whole array over again see `tile`.
 *
 * @throws ShapeError when there are not as many counts as positions.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2]).repeat(2); // => [1. 1. 2. 2.]
 * array([[1, 2], [3, 4]]).repeat([1, 2], 0); // => [[1. 2.]
 *    //     [3. 4.]
 *    //     [3. 4.]]
 */
export function repeat(
  x: NDArray,
  counts: number | readonly number[],
  axis: number | null = null,
): NDArray {
  checkArray("repeat", x);
  const along = axis === null ? 0 : normalizeAxis("repeat", axis, x.ndim);
  const length = axis === null ? x.size : x.shape[along]!;
  const positions = repeatPositions("repeat", length, counts);
  return scope(() =>
    take(axis === null ? flatten(x) : x, array(positions, { backend: x.backend }), along),
  );
}

/** One shift for each axis, within its length; `shifts` and `axes` stretch to one another. */
function rollShifts(
  op: string,
  shape: Shape,
  shifts: number | readonly number[],
  axes: number | readonly number[],
): number[] {
  check(op, "shifts", shifts, oneOrMore(whole()));
  check(op, "axes", axes, oneOrMore(whole()));
  const [by, along] = [shifts, axes].map((list) => (typeof list === "number" ? [list] : list)) as [
    readonly number[],
    readonly number[],
  ];
  const count = by.length === 1 ? along.length : by.length;
  if (along.length !== 1 && along.length !== count) {
    throw new ArgumentError(op, `${by.length} shifts for ${along.length} axes`);
  }
  const result = shape.map(() => 0);
  for (let i = 0; i < count; i++) {
    const axis = normalizeAxis(op, along[along.length === 1 ? 0 : i]!, shape.length);
    const length = Math.max(1, shape[axis]!);
    const shift = result[axis]! + by[by.length === 1 ? 0 : i]!;
    result[axis] = ((shift % length) + length) % length;
  }
  return result;
}

/**
 * Elements moved along axes, those that leave at the end coming back at the start. Without axes the
 * flattened array is rolled and gets its shape back.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * arange(5).roll(2); // => [3 4 0 1 2]
 * arange(4).reshape([2, 2]).roll(1, 1); // => [[1 0] [3 2]]
 */
export function roll(
  x: NDArray,
  shifts: number | readonly number[],
  axes: number | readonly number[] | null = null,
): NDArray {
  checkArray("roll", x);
  const shape = axes === null ? [x.size] : x.shape;
  const steps = rollShifts("roll", shape, shifts, axes ?? 0);
  return scope(() => {
    const rolled = steps.reduce(
      (moved: NDArray, step, axis) => {
        if (step === 0) return moved;
        const part = (range: Index): NDArray =>
          slice(moved, ...shape.map((_, i): Index => (i === axis ? range : ":")));
        return concat([part([-step, null]), part([null, -step])], axis);
      },
      axes === null ? reshape(x, shape) : x,
    );
    const out = reshape(rolled, x.shape);
    return out.storage === x.storage ? copy(out) : out;
  });
}

/** How `meshgrid` lays out its axes. */
export interface MeshgridOptions {
  /**
   * `xy`, the default, as NumPy: the first vector runs along axis 1, the second along axis 0. `ij`,
   * as PyTorch: vector `i` along axis `i`.
   */
  readonly indexing?: "xy" | "ij";
}

const meshgridOptions: Kinds<MeshgridOptions> = { indexing: oneOf("xy", "ij") };

/** The common shape of the grid, and where in it each vector lies. */
function meshLayout(
  shapes: readonly Shape[],
  indexing: string,
): { shape: number[]; columns: number[][] } {
  const wrong = shapes.find((shape) => shape.length > 1);
  if (wrong !== undefined)
    throw new ShapeError("meshgrid", `needs vectors, got ${showShape(wrong)}`);
  const lengths = shapes.map((shape) => shape[0] ?? 1);
  const place = (i: number): number =>
    indexing === "xy" && i < 2 && lengths.length > 1 ? 1 - i : i;
  const shape = new Array<number>(lengths.length);
  lengths.forEach((length, i) => {
    shape[place(i)] = length;
  });
  const columns = lengths.map((length, i) =>
    shape.map((_, axis) => (axis === place(i) ? length : 1)),
  );
  return { shape, columns };
}

/**
 * Vectors spread over a grid: for each an array of the grid's shape that changes along its own axis
 * only. They are views with stride 0, so a copy() is needed before writing to one.
 *
 * @example
 * import { arange, meshgrid } from "@needle/ndarray";
 * const [x, y] = meshgrid([arange(3), arange(2)]);
 * x; // => [[0 1 2] [0 1 2]]
 * y; // => [[0 0 0] [1 1 1]]
 */
export function meshgrid(vectors: readonly NDArray[], options: MeshgridOptions = {}): NDArray[] {
  checkArrays("meshgrid", vectors);
  checkOptions("meshgrid", options, meshgridOptions);
  const layout = meshLayout(
    vectors.map((x) => x.shape),
    options.indexing ?? "xy",
  );
  if (vectors.length === 0) return [];
  sameBackend("meshgrid", ...vectors);
  return scope(() =>
    vectors.map((x, i) => broadcastTo(reshape(x, layout.columns[i]!), layout.shape)),
  );
}

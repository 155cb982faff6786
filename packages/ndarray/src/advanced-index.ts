/**
 * Indexing with arrays, by NumPy's rules: which axes an index expression takes whole, which it
 * picks from, and where the axes of the index arrays come out.
 */
import { IndexError, ShapeError, showShape } from "./errors.ts";
import type { NDArray } from "./ndarray.ts";
import { isNDArray } from "./ndarray.ts";
import { broadcastShapes, type Shape } from "./shape.ts";
import type { Index } from "./slice.ts";

/** One part of an index expression that may hold arrays: of positions, or bool masks. */
export type AdvancedIndex = Index | NDArray;

/** How an index expression without masks is carried out. */
export interface IndexPlan {
  /** What `slice` does first: everything but the arrays, whose axes it takes whole. */
  readonly basic: readonly Index[];
  /** The axes of the slice that are picked from, and the arrays of positions for them. */
  readonly picked: readonly { readonly axis: number; readonly index: NDArray }[];
  /** The common shape of the arrays. */
  readonly shape: readonly number[];
  /** Where its axes come out among those that stay. */
  readonly place: number;
}

/** The axes of the array that one part of an expression takes up. */
function consumed(index: AdvancedIndex): number {
  if (isNDArray(index)) return index.dtype === "bool" ? index.ndim : 1;
  return index === null || index === "..." ? 0 : 1;
}

/** The expression with `"..."` in it, and the axis at which each part begins. */
function parts(
  op: string,
  shape: Shape,
  indices: readonly AdvancedIndex[],
): { readonly index: AdvancedIndex; readonly axis: number }[] {
  const total = indices.reduce<number>((sum, index) => sum + consumed(index), 0);
  if (total > shape.length) {
    throw new IndexError(
      op,
      `${total} indices for ${showShape(shape)}, which has ${shape.length} axes`,
    );
  }
  const dots = indices.filter((index) => index === "...").length;
  if (dots > 1) throw new IndexError(op, 'only one "..." is allowed');
  let axis = 0;
  return (dots === 1 ? indices : [...indices, "..."]).map((index) => {
    const part = { index, axis };
    axis += index === "..." ? shape.length - total : consumed(index);
    return part;
  });
}

/**
 * An index expression with every bool mask replaced by the arrays of positions where it is true.
 *
 * @param positions - gives these for a mask, an array an axis.
 * @throws IndexError for a mask whose shape is not that of the axes it stands for.
 */
export function withoutMasks(
  op: string,
  shape: Shape,
  indices: readonly AdvancedIndex[],
  positions: (mask: NDArray) => NDArray[],
): AdvancedIndex[] {
  return parts(op, shape, indices).flatMap(({ index, axis }) => {
    if (!isNDArray(index) || index.dtype !== "bool") return [index];
    if (index.ndim === 0) throw new IndexError(op, "a mask needs at least one axis, got []");
    const covered = shape.slice(axis, axis + index.ndim);
    if (covered.some((length, i) => length !== index.shape[i])) {
      throw new IndexError(
        op,
        `a mask ${showShape(index.shape)} does not fit ${showShape(covered)}, the axes from ${axis} on`,
      );
    }
    return positions(index);
  });
}

/**
 * What to do for an index expression without masks. Single positions beside arrays count as arrays,
 * and when arrays are apart (a range, a new axis or `"..."` is between them), their axes come out
 * first; else they take the place of the axes they pick from.
 */
export function planIndex(op: string, shape: Shape, indices: readonly AdvancedIndex[]): IndexPlan {
  const all = parts(op, shape, indices);
  const basic: Index[] = [];
  const picked: { axis: number; index: NDArray }[] = [];
  const groups: number[] = [];
  let axis = 0;
  all.forEach(({ index, axis: start }, i) => {
    if (isNDArray(index) || typeof index === "number") groups.push(i);
    if (isNDArray(index)) {
      picked.push({ axis, index });
      basic.push(":");
      axis += 1;
      return;
    }
    basic.push(index);
    if (index === "...") axis += (all[i + 1]?.axis ?? shape.length) - start;
    else if (typeof index !== "number") axis += 1;
  });
  const shapes = picked.map(({ index }) => index.shape);
  const apart = groups.some((group, i) => i > 0 && group !== groups[i - 1]! + 1);
  return {
    basic,
    picked,
    shape: arrayShape(op, shapes),
    place: apart ? 0 : axesBefore(all, groups[0] ?? 0),
  };
}

function arrayShape(op: string, shapes: readonly Shape[]): number[] {
  try {
    return broadcastShapes(op, ...shapes);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const list = shapes.map(showShape).join(" and ");
    throw new IndexError(op, `index arrays ${list} do not broadcast`);
  }
}

/** The axes of the result that come from parts before number `end`. */
function axesBefore(
  all: readonly { readonly index: AdvancedIndex; readonly axis: number }[],
  end: number,
): number {
  let count = 0;
  for (let i = 0; i < end; i++) {
    const { index, axis } = all[i]!;
    count += index === "..." ? all[i + 1]!.axis - axis : 1;
  }
  return count;
}

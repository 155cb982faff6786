/** The cases of the ops that put elements around tensors or between their elements. */
import type * as ops from "../../ops/padding.ts";
import { type Case, differentiable, scattered, turned, use, useViews } from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

/** The element the margin shows, walked to step by step; null for none. */
type Walk = (place: number, length: number) => number | null;

const nothing: Walk = (place, length) => (place >= 0 && place < length ? place : null);

const mirrored: Walk = (place, length) => {
  let within = place;
  if (length === 1) return 0;
  while (within < 0 || within >= length) {
    within = within < 0 ? -within : 2 * (length - 1) - within;
  }
  return within;
};

const mirroredTwice: Walk = (place, length) => {
  let within = place;
  while (within < 0 || within >= length) {
    within = within < 0 ? -1 - within : 2 * length - 1 - within;
  }
  return within;
};

const nearest: Walk = (place, length) => (place < 0 ? 0 : place >= length ? length - 1 : place);

const around: Walk = (place, length) => {
  let within = place;
  while (within < 0) within += length;
  while (within >= length) within -= length;
  return within;
};

function padded(widths: readonly (readonly [number, number])[], walk: Walk, value = 0) {
  return (x: Grid): Grid =>
    build(
      x.shape.map((length, axis) => length + widths[axis]![0] + widths[axis]![1]),
      (index) => {
        const own = index.map((i, axis) => walk(i - widths[axis]![0], x.shape[axis]!));
        const inside = own.every((i) => i !== null);
        return inside ? at(x, own) : value;
      },
    );
}

const dilated =
  (axes: readonly number[], by: number) =>
  (x: Grid): Grid =>
    build(
      x.shape.map((length, axis) => (axes.includes(axis) ? length * (by + 1) : length)),
      (index) => {
        if (index.some((i, axis) => axes.includes(axis) && i % (by + 1) !== 0)) return 0;
        return at(
          x,
          index.map((i, axis) => (axes.includes(axis) ? i / (by + 1) : i)),
        );
      },
    );

const undilated =
  (axes: readonly number[], by: number) =>
  (x: Grid): Grid =>
    build(
      x.shape.map((length, axis) => (axes.includes(axis) ? length / (by + 1) : length)),
      (index) =>
        at(
          x,
          index.map((i, axis) => (axes.includes(axis) ? i * (by + 1) : i)),
        ),
    );

/** The cases of `pad`, `dilate` and `undilate`. */
export const paddingCases: Record<keyof typeof ops, Case> = {
  pad: differentiable((draw) => [
    use("[2] by 1", [draw([2])], (x) => x.pad(1), padded([[1, 1]], nothing)),
    use("[]", [draw([])], (x) => x.pad(3), padded([], nothing)),
    use(
      "[2,3] by a pair an axis with 7",
      [draw([2, 3])],
      (x) =>
        x.pad(
          [
            [0, 2],
            [1, 0],
          ],
          { value: 7 },
        ),
      padded(
        [
          [0, 2],
          [1, 0],
        ],
        nothing,
        7,
      ),
    ),
    use("[0] by [1,1]", [draw([0])], (x) => x.pad([1, 1]), padded([[1, 1]], nothing)),
    use(
      "[3,2] mirrored",
      [draw([3, 2])],
      (x) =>
        x.pad(
          [
            [2, 1],
            [0, 1],
          ],
          { mode: "reflect" },
        ),
      padded(
        [
          [2, 1],
          [0, 1],
        ],
        mirrored,
      ),
    ),
    use(
      "[3] mirrored again and again",
      [draw([3])],
      (x) => x.pad([7, 6], { mode: "reflect" }),
      padded([[7, 6]], mirrored),
    ),
    use(
      "[1] mirrored",
      [draw([1])],
      (x) => x.pad(2, { mode: "reflect" }),
      padded([[2, 2]], mirrored),
    ),
    use(
      "[2,2] with its border",
      [draw([2, 2])],
      (x) => x.pad(2, { mode: "replicate" }),
      padded(
        [
          [2, 2],
          [2, 2],
        ],
        nearest,
      ),
    ),
    use(
      "[3,2] mirrored with its border",
      [draw([3, 2])],
      (x) => x.pad([4, 3], { mode: "symmetric" }),
      padded(
        [
          [4, 3],
          [4, 3],
        ],
        mirroredTwice,
      ),
    ),
    use(
      "[3] with its border, by NumPy's name",
      [draw([3])],
      (x) => x.pad([0, 2], { mode: "edge" }),
      padded([[0, 2]], nearest),
    ),
    use(
      "[3] around",
      [draw([3])],
      (x) => x.pad([4, 2], { mode: "wrap" }),
      padded([[4, 2]], around),
    ),
    useViews(
      "a turned view around",
      [draw([2, 3])],
      [turned],
      (x) => x.pad([1, 0], { mode: "circular" }),
      padded(
        [
          [1, 0],
          [1, 0],
        ],
        around,
      ),
    ),
  ]),
  dilate: differentiable((draw) => [
    use("[2] by 2", [draw([2])], (x) => x.dilate(0, 2), dilated([0], 2)),
    use("[2,3] by 1 along both", [draw([2, 3])], (x) => x.dilate([0, -1], 1), dilated([0, 1], 1)),
    use(
      "[2,3] by 1 along 1 and no axis",
      [draw([2, 3])],
      (x) => x.dilate([1, 2], 1),
      dilated([1], 1),
    ),
    use("[2] by 0", [draw([2])], (x) => x.dilate([0], 0), dilated([0], 0)),
    useViews(
      "a scattered view",
      [draw([3, 4, 2])],
      [scattered],
      (x) => x.dilate([1], 1),
      dilated([1], 1),
    ),
  ]),
  undilate: differentiable((draw) => [
    use("[6] by 2", [draw([6])], (x) => x.undilate(0, 2), undilated([0], 2)),
    use(
      "[2,4] by 1 along both",
      [draw([2, 4])],
      (x) => x.undilate([0, 1], 1),
      undilated([0, 1], 1),
    ),
    use("[0,2] by 1", [draw([0, 2])], (x) => x.undilate(0, 1), undilated([0], 1)),
  ]),
};

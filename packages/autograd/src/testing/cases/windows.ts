/** The cases of sliding windows and their transpose. */
import type * as ops from "../../ops/windows.ts";
import { type Case, differentiable, type Sample, scattered, use, useViews } from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

/** x[…, window * step + position * dilation, …] */
function unfolded(axis: number, count: number, size: number, step = 1, dilation = 1) {
  return (x: Grid): Grid =>
    build([...x.shape.with(axis, count), size], (index) => {
      const own = index.slice(0, -1);
      return at(x, own.with(axis, index[axis]! * step + index.at(-1)! * dilation));
    });
}

/** Every element of every window added where it belongs. */
function folded(axis: number, length: number, step = 1, dilation = 1) {
  return (x: Grid): Grid =>
    build(x.shape.slice(0, -1).with(axis, length), (index) => {
      let total = 0;
      for (let window = 0; window < x.shape[axis]!; window++) {
        for (let position = 0; position < x.shape.at(-1)!; position++) {
          if (window * step + position * dilation !== index[axis]) continue;
          total += at(x, [...index.with(axis, window), position]);
        }
      }
      return total;
    });
}

/** The cases of `unfold` and `fold`. */
export const windowCases: Record<keyof typeof ops, Case> = {
  unfold: differentiable((draw) => {
    const of = (about: string, shape: number[], axis: number, ...rest: WindowArguments): Sample => {
      const [size, step, dilation, count] = rest;
      const run = (x: ReturnType<typeof draw>) => x.unfold(axis, size, step, { dilation });
      const along = axis < 0 ? axis + shape.length : axis;
      return use(about, [draw(shape)], run, unfolded(along, count, size, step, dilation));
    };
    return [
      of("[5], 3 at a time", [5], 0, 3, 1, 1, 3),
      of("[2,7], 2 at a time, 3 apart", [2, 7], -1, 2, 3, 1, 2),
      of("[7,2], 3 at a time, 2 apart, dilated by 2", [7, 2], 0, 3, 2, 2, 2),
      of("[4], one at a time", [4], 0, 1, 1, 3, 4),
      of("[3,0], all at a time", [3, 0], 0, 3, 1, 1, 1),
      useViews(
        "a scattered view",
        [draw([3, 4, 2])],
        [scattered],
        (x) => x.unfold(1, 2),
        unfolded(1, 2, 2),
      ),
      use(
        "[4,4], 2 x 2 at a time",
        [draw([4, 4])],
        (x) => x.unfold(0, 2).unfold(1, 2),
        (x) => unfolded(1, 3, 2)(unfolded(0, 3, 2)(x)),
      ),
    ];
  }),
  fold: differentiable((draw) => [
    use("[3,3] into [5]", [draw([3, 3])], (x) => x.fold(0, 5), folded(0, 5)),
    use(
      "[2,2,2] into [2,7], 3 apart, with gaps",
      [draw([2, 2, 2])],
      (x) => x.fold(-1, 7, 3),
      folded(1, 7, 3),
    ),
    use(
      "[2,2,3] into [7,2], 2 apart, dilated by 2",
      [draw([2, 2, 3])],
      (x) => x.fold(0, 7, 2, { dilation: 2 }),
      folded(0, 7, 2, 2),
    ),
    use(
      "[2,2] into [8], dilated by 5",
      [draw([2, 2])],
      (x) => x.fold(0, 8, 2, { dilation: 5 }),
      folded(0, 8, 2, 5),
    ),
    use("[1,0,2] into [2,0]", [draw([1, 0, 2])], (x) => x.fold(0, 2), folded(0, 2)),
    useViews("a scattered view", [draw([3, 4, 2])], [scattered], (x) => x.fold(1, 4), folded(1, 4)),
  ]),
};

type WindowArguments = [size: number, step: number, dilation: number, count: number];

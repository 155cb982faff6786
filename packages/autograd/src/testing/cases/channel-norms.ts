/** The cases of the norms of channels, by what they make of the members of a part. */
import type * as norms from "../../ops/channel-norms.ts";
import { type Case, differentiable, scattered, use, useViews } from "./case.ts";
import { at, build, count, type Grid, total } from "./grid.ts";

/** The elements for which `same` holds between their index and another. */
function members(
  x: Grid,
  index: readonly number[],
  same: (own: readonly number[], other: readonly number[]) => boolean,
): number[] {
  const found: number[] = [];
  build(x.shape, (own) => {
    if (same(own, index)) found.push(at(x, own));
    return 0;
  });
  return found;
}

/** Each element less the mean of its part, divided by the root of the part's variance. */
function normalized(
  x: Grid,
  same: (own: readonly number[], other: readonly number[]) => boolean,
): Grid {
  return build(x.shape, (index) => {
    const part = members(x, index, same);
    const mean = total(part) / part.length;
    const variance = total(part.map((value) => (value - mean) ** 2)) / part.length;
    return (at(x, index) - mean) / Math.sqrt(variance + 1e-5);
  });
}

/** Times a weight and plus a bias of each channel. */
const scaled = (x: Grid, weight: Grid, bias: Grid): Grid =>
  build(x.shape, (index) => at(x, index) * weight.values[index[1]!]! + bias.values[index[1]!]!);

/** The cases of the norms of channels. */
export const channelNormCases: Record<keyof typeof norms, Case> = {
  groupNorm: differentiable((draw) => {
    const inGroup =
      (size: number) =>
      (a: readonly number[], b: readonly number[]): boolean =>
        a[0] === b[0] && Math.floor(a[1]! / size) === Math.floor(b[1]! / size);
    return [
      use(
        "[2,4,3] in 2 groups, weight and bias",
        [draw([2, 4, 3]), draw([4]), draw([4])],
        (x, weight, bias) => x!.groupNorm(2, { weight, bias }),
        (x, weight, bias) => scaled(normalized(x, inGroup(2)), weight, bias),
      ),
      use(
        "[2,3] in 1 group",
        [draw([2, 3])],
        (x) => x!.groupNorm(1),
        (x) => normalized(x, inGroup(3)),
      ),
      useViews(
        "a scattered view",
        [draw([3, 4, 2])],
        [scattered],
        (x) => x!.groupNorm(3),
        (x) => normalized(x, inGroup(1)),
      ),
    ];
  }),
  instanceNorm: differentiable((draw) => {
    const inChannel = (a: readonly number[], b: readonly number[]): boolean =>
      a[0] === b[0] && a[1] === b[1];
    return [
      use(
        "[2,2,3] with weight and bias",
        [draw([2, 2, 3]), draw([2]), draw([2])],
        (x, weight, bias) => x!.instanceNorm({ weight, bias }),
        (x, weight, bias) => scaled(normalized(x, inChannel), weight, bias),
      ),
      use(
        "[1,2,2,2]",
        [draw([1, 2, 2, 2])],
        (x) => x!.instanceNorm(),
        (x) => normalized(x, inChannel),
      ),
    ];
  }),
  rmsNorm: differentiable((draw) => {
    const over = (x: Grid, axes: number): Grid =>
      build(x.shape, (index) => {
        const lead = index.slice(0, index.length - axes);
        const part = members(x, index, (own) => lead.every((i, axis) => own[axis] === i));
        return at(x, index) / Math.sqrt(total(part.map((v) => v * v)) / part.length + 1e-5);
      });
    return [
      use(
        "[2,3] with weight",
        [draw([2, 3]), draw([3])],
        (x, weight) => x!.rmsNorm(3, { weight, eps: 1e-5 }),
        (x, weight) => build(x.shape, (index) => at(over(x, 1), index) * weight.values[index[1]!]!),
      ),
      use(
        "[2,2,3] over two axes",
        [draw([2, 2, 3])],
        (x) => x!.rmsNorm([2, 3], { eps: 1e-5 }),
        (x) => over(x, 2),
      ),
    ];
  }),
  localResponseNorm: differentiable((draw) =>
    [2, 3].map((size) =>
      use(
        `[2,4,2] over ${size} channels`,
        [draw([2, 4, 2])],
        (x) => x!.localResponseNorm(size, { alpha: 0.5, beta: 0.7, k: 2 }),
        (x) =>
          build(x.shape, (index) => {
            const first = index[1]! - Math.floor(size / 2);
            const near = count(size)
              .map((i) => first + i)
              .filter((c) => c >= 0 && c < 4)
              .map((c) => at(x, index.with(1, c)) ** 2);
            return at(x, index) / (2 + (0.5 * total(near)) / size) ** 0.7;
          }),
      ),
    ),
  ),
};

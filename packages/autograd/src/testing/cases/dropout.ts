/** The cases of dropout, each with a generator of its own. */
import { Philox } from "@needle/ndarray";
import type * as dropouts from "../../ops/dropout.ts";
import { type Case, differentiable, use } from "./case.ts";
import { at, build } from "./grid.ts";

/** What a generator of the seed keeps of elements that share masks by `place`. */
function keptBy(seed: number, size: number, p: number): boolean[] {
  const numbers = new Philox(seed).uniform([size]).toTypedArray();
  return Array.from(numbers, (u) => u <= Math.fround(1 - p));
}

/** The cases of dropout, each with a generator of its own. */
export const dropoutCases: Record<keyof typeof dropouts, Case> = {
  dropout: differentiable((draw) => [
    ...[0.4, 0, 1].map((p) =>
      use(
        `[2,3], p ${p}`,
        [draw([2, 3])],
        (x) => x!.dropout(p, { generator: new Philox(5) }),
        (x) => {
          const kept = keptBy(5, 6, p);
          const values = x.values.map((value, i) => (kept[i] && p < 1 ? value / (1 - p) : 0));
          return { shape: x.shape, values };
        },
      ),
    ),
    use(
      "[2], not in training",
      [draw([2])],
      (x) => x!.dropout(0.9, { training: false }),
      (x) => x,
    ),
  ]),
  dropout1d: differentiable((draw) => [
    use(
      "[2,3,2]",
      [draw([2, 3, 2])],
      (x) => x!.dropout1d(0.5, { generator: new Philox(6) }),
      (x) => {
        const kept = keptBy(6, 6, 0.5);
        return build(x.shape, (index) => (kept[3 * index[0]! + index[1]!] ? 2 * at(x, index) : 0));
      },
    ),
    use(
      "[3,2]",
      [draw([3, 2])],
      (x) => x!.dropout1d(0.5, { generator: new Philox(6) }),
      (x) => {
        const kept = keptBy(6, 3, 0.5);
        return build(x.shape, (index) => (kept[index[0]!] ? 2 * at(x, index) : 0));
      },
    ),
  ]),
  dropout2d: differentiable((draw) => [
    use(
      "[2,3,2,1]",
      [draw([2, 3, 2, 1])],
      (x) => x!.dropout2d(0.5, { generator: new Philox(7) }),
      (x) => {
        const kept = keptBy(7, 6, 0.5);
        return build(x.shape, (index) => (kept[3 * index[0]! + index[1]!] ? 2 * at(x, index) : 0));
      },
    ),
  ]),
  alphaDropout: differentiable((draw) => [
    use(
      "[2,3]",
      [draw([2, 3])],
      (x) => x!.alphaDropout(0.4, { generator: new Philox(8) }),
      (x) => {
        const low = -1.0507009873554805 * 1.6732632423543772;
        const factor = 1 / Math.sqrt(0.6 * (1 + 0.4 * low ** 2));
        const kept = keptBy(8, 6, 0.4);
        const values = x.values.map((value, i) => factor * ((kept[i] ? value : low) - 0.4 * low));
        return { shape: x.shape, values };
      },
    ),
  ]),
};

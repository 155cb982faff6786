/** The cases of the losses of one class, by formulas on single elements. */
import type * as binary from "../../ops/losses-binary.ts";
import { anywhere, type Case, differentiable, positive, use } from "./case.ts";
import { at, build } from "./grid.ts";
import { inside, onElements, reduce, softplus } from "./losses.ts";

/** The cases of the losses of one class. */
export const binaryCases: Record<keyof typeof binary, Case> = {
  binaryCrossEntropy: differentiable((draw) => {
    const loss = (p: number, t: number): number => -t * Math.log(p) - (1 - t) * Math.log(1 - p);
    return [
      ...onElements(
        draw,
        [inside, inside],
        ([p, t], o) => p!.binaryCrossEntropy(t!, o),
        (p, t) => loss(p!, t!),
      ),
      ...onElements(
        draw,
        [inside, inside, positive],
        ([p, t, weight], o) => p!.binaryCrossEntropy(t!, { weight, ...o }),
        (p, t, weight) => weight! * loss(p!, t!),
      ),
    ];
  }),
  binaryCrossEntropyWithLogits: differentiable((draw) => {
    const loss = (x: number, t: number, ofPositive = 1): number =>
      t * ofPositive * softplus(-x) + (1 - t) * softplus(x);
    return [
      ...onElements(
        draw,
        [anywhere, inside],
        ([x, t], o) => x!.binaryCrossEntropyWithLogits(t!, o),
        (x, t) => loss(x!, t!),
      ),
      use(
        "a weight of each row and one of positive targets of each column",
        [draw([2, 3]), draw([2, 3], inside), draw([2, 1], positive), draw([3], positive)],
        (x, t, weight, posWeight) => x!.binaryCrossEntropyWithLogits(t!, { weight, posWeight }),
        (x, t, weight, posWeight) => {
          const losses = build([2, 3], ([i, j]) => {
            const [score, wanted] = [at(x, [i!, j!]), at(t, [i!, j!])];
            return weight.values[i!]! * loss(score, wanted, posWeight.values[j!]!);
          });
          return reduce(losses, "mean");
        },
      ),
    ];
  }),
};

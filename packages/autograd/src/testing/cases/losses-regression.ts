/** The cases of the losses of numbers, by formulas on single elements. */
import type * as regression from "../../ops/losses-regression.ts";
import { anywhere, type Case, differentiable, positive, use } from "./case.ts";
import { at, build } from "./grid.ts";
import { onElements, pair, reduce } from "./losses.ts";

const huber = (d: number, delta: number): number =>
  Math.abs(d) < delta ? (d * d) / 2 : delta * (Math.abs(d) - delta / 2);

/** The cases of the losses of numbers. */
export const regressionCases: Record<keyof typeof regression, Case> = {
  mseLoss: pair(
    [],
    (x, t, o) => x.mseLoss(t, o),
    (x, t) => (x - t) ** 2,
  ),
  l1Loss: pair(
    [],
    (x, t, o) => x.l1Loss(t, o),
    (x, t) => Math.abs(x - t),
  ),
  smoothL1Loss: differentiable((draw) =>
    [0.7, 0].flatMap((beta) =>
      onElements(
        draw,
        [anywhere, anywhere],
        ([x, t], o) => x!.smoothL1Loss(t!, { beta, ...o }),
        (x, t) => (beta === 0 ? Math.abs(x! - t!) : huber(x! - t!, beta) / beta),
      ),
    ),
  ),
  huberLoss: pair(
    [],
    (x, t, o) => x.huberLoss(t, { delta: 1.3, ...o }),
    (x, t) => huber(x - t, 1.3),
  ),
  gaussianNllLoss: differentiable((draw) => {
    const density = (x: number, t: number, v: number): number =>
      (Math.log(v) + (x - t) ** 2 / v) / 2;
    return [
      ...onElements(
        draw,
        [anywhere, anywhere, positive],
        ([x, t, v], o) => x!.gaussianNllLoss(t!, v!, { full: true, ...o }),
        (x, t, v) => density(x!, t!, v!) + Math.log(2 * Math.PI) / 2,
      ),
      ...[[2], [2, 1]].map((shape) =>
        use(
          `a variance of [${shape}] for [2,3]`,
          [draw([2, 3]), draw([2, 3]), draw(shape, positive)],
          (x, t, v) => x!.gaussianNllLoss(t!, v!),
          (x, t, v) => {
            const losses = build([2, 3], ([i, j]) =>
              density(at(x, [i!, j!]), at(t, [i!, j!]), v.values[i!]!),
            );
            return reduce(losses, "mean");
          },
        ),
      ),
    ];
  }),
  poissonNllLoss: differentiable((draw) => [
    ...onElements(
      draw,
      [anywhere, positive],
      ([x, t], o) => x!.poissonNllLoss(t!, o),
      (x, t) => Math.exp(x!) - t! * x!,
    ),
    ...onElements(
      draw,
      [positive, (u) => (u < 0.5 ? 0.9 * u : 1 + 4 * u)],
      ([x, t], o) => x!.poissonNllLoss(t!, { logInput: false, full: true, ...o }),
      (x, t) => {
        const stirling = t! * Math.log(t!) - t! + Math.log(2 * Math.PI * t!) / 2;
        return x! - t! * Math.log(x! + 1e-8) + (t! > 1 ? stirling : 0);
      },
    ),
  ]),
};

/** The cases of embedding. */
import { type Tensor, tensor } from "../../index.ts";
import type * as embeddings from "../../ops/embedding.ts";
import { type Case, differentiable, turned, use, useViews } from "./case.ts";
import { at, build } from "./grid.ts";

const integers = (values: number[][] | number[]): Tensor => tensor(values, { dtype: "int32" });

/** The cases of embedding. */
export const embeddingCases: Record<keyof typeof embeddings, Case> = {
  embedding: differentiable((draw) => [
    use(
      "[2,2] of [3,2]",
      [
        integers([
          [0, 2],
          [2, 1],
        ]),
        draw([3, 2]),
      ],
      (i, weight) => i!.embedding(weight!),
      (i, weight) => build([2, 2, 2], ([a, b, c]) => at(weight, [at(i, [a!, b!]), c!])),
    ),
    use(
      "none of [3,2]",
      [integers([]), draw([3, 2])],
      (i, weight) => i!.embedding(weight!),
      () => build([0, 2], () => 0),
    ),
    useViews(
      "views",
      [integers([0, 1]), draw([2, 3])],
      [(i) => i.flip(), turned],
      (i, weight) => i!.embedding(weight!),
      (i, weight) => build([2, 2], ([a, b]) => at(weight, [at(i, [a!]), b!])),
    ),
  ]),
};

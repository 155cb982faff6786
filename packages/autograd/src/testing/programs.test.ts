// Programs of many ops drawn at random: tensors used many times, views of views, adjoints that are
// shared and that are views.

import { Philox } from "@needle/ndarray";
import { describe, test } from "vitest";
import { concat, rand, stack, type Tensor, tensor, where } from "../index.ts";
import { gradcheck } from "./index.ts";

const index = tensor(
  [
    [2, 0, 2],
    [1, 1, 0],
  ],
  { dtype: "int32" },
);

type Step = (x: Tensor, y: Tensor, index: Tensor) => Tensor;

/**
 * Functions of two tensors `[2, 3]` that give one, smooth nearly everywhere and of moderate size.
 */
const steps: readonly Step[] = [
  (x) => x.tanh(),
  (x, y) => x.add(y),
  (x, y) => x.sub(y.mul(0.5)),
  (x, y) => x.mul(y).tanh(),
  (x, y) => x.div(y.square().add(1)),
  (x) => x.softmax(0),
  (x, y) => x.logSoftmax().exp().mul(y),
  (x, y) => x.maximum(y),
  (x, y) => where(x.gt(y), x.sin(), y),
  (x, y) => x.matmul(y.transpose()).matmul(x).sigmoid(),
  (x) => x.transpose().reshape([2, 3]),
  (x) => x.flip(0),
  (x) => x.slice("::-1", "::-1").clone(),
  (x, y) => x.mean(1, { keepdims: true }).add(y),
  (x, y) => x.slice(0).add(y),
  (x, y) => concat([x.slice([0, 1]), y.slice([1, 2])]),
  (x, y) => stack([x.slice(1), y.slice(0)]),
  (x, y) => stack([x, y], 1).sum(1),
  (x, y, index) => x.gather(1, index).add(y.logsumexp()),
  (x) => x.broadcastTo([2, 2, 3]).permute([1, 0, 2]).mean(0),
  (x, y) => x.unslice([4, 3], "1:3").slice("1:3").mul(y),
  (x) => x.add(x).mul(x.sub(x).add(1)),
];

/**
 * A program of `length` steps, each on two of the results before it; gives a mixture of the last
 * ones.
 */
function program(seed: number, length: number): Step {
  const generator = new Philox(seed);
  const numbers = generator.uniform([length, 3], { dtype: "float64" }).toArray() as number[][];
  return (first, second, index) => {
    const pool = [first, second];
    for (const [a, b, c] of numbers as [number, number, number][]) {
      const step = steps[Math.floor(a * steps.length)]!;
      const pick = (u: number): Tensor => pool[Math.floor(u * pool.length)]!;
      pool.push(step(pick(b), pick(Math.sqrt(c)), index));
    }
    return pool.slice(-3).reduce((x, y) => x.add(y.mul(2)));
  };
}

describe("a program of random steps has right derivatives", () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))("seed %i", (seed) => {
    const generator = new Philox(1000 + seed);
    const draw = (): Tensor => rand([2, 3], { dtype: "float64", generator, low: -1, high: 1 });
    gradcheck(program(seed, 12), [draw(), draw(), index]);
  });
});

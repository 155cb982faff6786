import { type Tensor, tensor, zeros } from "@needle/autograd";
import { manualSeed } from "@needle/ndarray";
import { expect, test } from "vitest";
import { generate, type Reader, sample } from "./generate.ts";

const scores = tensor([0, Math.log(2), Math.log(5)]);

function shares(count: number, draw: () => Tensor): number[] {
  manualSeed(0);
  const counts = [0, 0, 0];
  for (let i = 0; i < count; i++) counts[draw().item() as number]! += 1;
  return counts.map((n) => n / count);
}

test("tokens are drawn as often as their scores say", () => {
  // Probabilities 1/8, 2/8, 5/8; four standard errors are 0.1.
  const found = shares(400, () => sample(scores, { temperature: 1 }));
  for (const [i, p] of [1 / 8, 2 / 8, 5 / 8].entries()) {
    expect(Math.abs(found[i]! - p)).toBeLessThan(0.1);
  }
});

test("temperature sharpens, and top-k leaves the unlikely out", () => {
  // At a half, probabilities are squared: 1/30, 4/30, 25/30; four standard errors are 0.08.
  const cold = shares(400, () => sample(scores, { temperature: 0.5 }));
  expect(Math.abs(cold[2]! - 25 / 30)).toBeLessThan(0.08);
  const two = shares(400, () => sample(scores, { temperature: 1, topK: 2 }));
  expect(two[0]).toBe(0);
  expect(Math.abs(two[2]! - 5 / 7)).toBeLessThan(0.1);
  expect(shares(50, () => sample(scores, { temperature: 9, topK: 1 }))).toEqual([0, 0, 1]);
});

test("a reader is asked for the prompt, then for each token, and forgets when it is full", async () => {
  const reads: (readonly number[] | "forget")[] = [];
  const reader: Reader = {
    room: 4,
    read(ids) {
      reads.push([...ids]);
      // The next token is the one after the last.
      const next = zeros([10]);
      next.value.slice((ids.at(-1)! + 1) % 10).assign(100);
      return next;
    },
    forget: () => void reads.push("forget"),
  };
  expect(await generate(reader, [0, 1, 2], 5, { temperature: 1 })).toEqual([3, 4, 5, 6, 7]);
  expect(reads).toEqual([[0, 1, 2], [3], "forget", [3, 4], [5], [6], "forget"]);

  reads.length = 0;
  expect(await generate(reader, [1, 2, 3, 4, 5, 6], 1, { temperature: 1 })).toEqual([7]);
  expect(reads).toEqual([[3, 4, 5, 6], "forget"]);
});

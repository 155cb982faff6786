import { describe, expect, expectTypeOf, test } from "vitest";
import type { BackwardOptions } from "./index.ts";
import * as ag from "./index.ts";
import { concat, stack, Tensor, tensor } from "./index.ts";
import * as ops from "./ops/index.ts";

const x = tensor([1, 2]);

describe("the methods of Tensor", () => {
  test("are all the ops, and backward", () => {
    for (const name of [...Object.keys(ops), "backward"]) {
      expect(typeof (x as unknown as Record<string, unknown>)[name]).toBe("function");
    }
  });

  test("do what the functions do", () => {
    expect(x.exp().toArray()).toEqual(ag.exp(x).toArray());
    expect(x.sub(1).toArray()).toEqual(ag.sub(x, 1).toArray());
    expect(x.sum(0, { keepdims: true }).shape).toEqual([1]);
  });

  test("are not listed among a tensor's own fields", () => {
    const keys: string[] = [];
    for (const key in x) keys.push(key);
    expect(keys).not.toContain("exp");
    expect(Object.keys(x)).not.toContain("backward");
  });

  test("have the types of the functions without the first parameter", () => {
    expectTypeOf(x.exp).toEqualTypeOf<() => Tensor>();
    expectTypeOf(x.exp()).toEqualTypeOf<Tensor>();
    expectTypeOf(x.add).parameters.toEqualTypeOf<[b: Tensor | number]>();
    expectTypeOf(x.where).parameters.toEqualTypeOf<[a: Tensor | number, b: Tensor | number]>();
    expectTypeOf(x.backward).returns.toEqualTypeOf<void>();
    expectTypeOf(x.backward).parameter(1).toEqualTypeOf<BackwardOptions | undefined>();
    expectTypeOf(x.matmul).parameters.toEqualTypeOf<[b: Tensor]>();
    expectTypeOf(x.softmax).parameter(0).toEqualTypeOf<number | undefined>();
    expectTypeOf(x.sum).returns.toEqualTypeOf<Tensor>();
    expectTypeOf<Tensor>().toHaveProperty("logSoftmax");
    expectTypeOf<Tensor>().not.toHaveProperty("concat");
  });

  test("do not accept what is no operand", () => {
    // @ts-expect-error: an operand is a tensor or a number.
    expect(() => x.add("1")).toThrow('add: operands are tensors or numbers, got "1"');
    // @ts-expect-error
    expect(() => x.mul([1, 2])).toThrow("mul: operands are tensors or numbers, got [1,2]");
    // @ts-expect-error
    expect(() => x.matmul(undefined)).toThrow("matmul: operands are tensors, got undefined");
    // @ts-expect-error
    expect(() => x.div(x.value)).toThrow(
      "div: operands are tensors or numbers, got NDArray float32 [2]\nMake one with tensor(...).",
    );
  });

  test("do not accept numbers in place of tensors", () => {
    const two = 2 as unknown as Tensor;
    const problem = "operands are tensors, got 2\nMake one with tensor(...).";
    const calls = {
      matmul: () => x.matmul(two),
      affine: () => x.affine(two),
      conv1d: () => x.conv1d(two),
      mseLoss: () => x.mseLoss(two),
      crossEntropy: () => x.crossEntropy(two),
      nllLoss: () => x.nllLoss(two),
      multiMarginLoss: () => x.multiMarginLoss(two),
      cosineEmbeddingLoss: () => x.cosineEmbeddingLoss(two, x),
      cosineSimilarity: () => x.cosineSimilarity(two),
      pairwiseDistance: () => x.pairwiseDistance(two),
      scaledDotProductAttention: () => x.scaledDotProductAttention(two, x),
      maskedSelect: () => x.maskedSelect(two),
      maskedFill: () => x.maskedFill(two, 0),
      recurrence: () => x.recurrence(two),
      embedding: () => x.embedding(two),
      concat: () => concat([x, two]),
      stack: () => stack([two]),
    };
    for (const [op, call] of Object.entries(calls)) expect(call).toThrow(`${op}: ${problem}`);
    // @ts-expect-error: tensors come in an array.
    expect(() => concat(x, x)).toThrow("concat: takes tensors in an array");
    expect(() => stack([])).toThrow("stack: needs at least one tensor");
  });

  test("exist on every tensor, however it was made", () => {
    expect(new Tensor(x.value).neg().toArray()).toEqual([-1, -2]);
  });
});

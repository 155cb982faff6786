import { createLazyBackend, createShapeOnlyBackend, type NDArray, ones } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { AnomalyError, checkpoint, detectAnomaly, elementwise, Tensor, tensor } from "./index.ts";

function leaf(values: number[]): Tensor {
  return tensor(values, { requiresGrad: true });
}

function problem(fn: () => unknown, options = {}): string {
  try {
    detectAnomaly(fn, options);
  } catch (error) {
    expect(error).toBeInstanceOf(AnomalyError);
    return (error as Error).message;
  }
  return "none";
}

describe("detectAnomaly", () => {
  test("names the op where the first NaN or infinity appears, its inputs, and the call", () => {
    const x = leaf([1, 0, -1]);
    const message = problem(() => x.mul(2).log().exp().sum());
    const [first, second] = message.split("\n");
    expect(first).toBe("log: the result float32 [3] of float32 [3] has NaN at [2]");
    expect(second).toMatch(/^Called at .*anomaly\.test\.ts:\d+:\d+/);
    expect(message).not.toMatch(/src.op\.ts/);
    expect(message).toMatch("\nKeep its inputs where it is defined: clamp them, or add a small");
    expect(problem(() => x.abs().log()).split("\n")[0]).toBe(
      "log: the result float32 [3] of float32 [3] has -Infinity at [1]",
    );
    expect(problem(() => x.reshape([1, 3]).div(x)).split("\n")[0]).toBe(
      "div: the result float32 [1,3] of float32 [1,3] and float32 [3] has NaN at [0,1]",
    );
    expect(problem(() => x.add(2).div(0))).toMatch("of float32 [3] and 0 has Infinity at [0]");
  });

  test("names the op whose derivative is the first that is not finite", () => {
    const x = leaf([4, 0]);
    const [first, second] = problem(() => x.sqrt().mul(2).sum().backward()).split("\n");
    expect(first).toBe(
      "sqrt: the adjoint of input 0, float32 [2], has Infinity at [1]; what came in was finite",
    );
    expect(second).toMatch(/^The op was called at .*anomaly\.test\.ts/);
    const y = leaf([0]);
    // 0 * Infinity: the root is masked afterwards, which comes too late for its slope.
    expect(problem(() => y.gt(0).where(y.sqrt(), 0).backward())).toMatch("sqrt: the adjoint");
  });

  test("may look at gradients only", () => {
    const x = leaf([0]);
    expect(problem(() => x.log().exp(), { forward: false })).toBe("none");
    expect(problem(() => x.log().backward(), { forward: false })).toMatch(
      "log: the adjoint of input 0, float32 [1], has Infinity",
    );
  });

  test("lets infinities pass that are put in on purpose", () => {
    const scores = leaf([1, 2, 3]);
    const mask = tensor([1, 0, 1]).gt(0);
    const masked = (): Tensor => mask.where(scores, Number.NEGATIVE_INFINITY).softmax();
    expect(problem(() => masked().square().sum().backward())).toBe("none");
    expect(scores.grad!.toArray()).toHaveLength(3);
    const bias = tensor([0, Number.NEGATIVE_INFINITY, 0]);
    expect(problem(() => scores.add(bias).softmax().sum())).toBe("none");
    expect(problem(() => scores.add(bias).sub(bias))).toMatch("sub: the result");
  });

  test("tells NaN that comes from outside", () => {
    const x = tensor([1, Number.NaN]);
    expect(problem(() => leaf([1, 2]).mul(x)).split("\nIt was not computed under")[0]).toBe(
      "mul: input 1 of float32 [2] and float32 [2] has NaN at [1] already",
    );
  });

  test("finds what is wrong inside a checkpoint", () => {
    const x = leaf([0]);
    expect(problem(() => checkpoint((x) => x.sqrt().mul(3), x).backward())).toMatch(
      "sqrt: the adjoint of input 0",
    );
  });

  test("minds results, not what an op does on its way", () => {
    const guarded = elementwise<[Tensor]>(
      "guarded",
      (x: NDArray) => x.copy(),
      [(g, _y, x) => x.eq(0).where(0, g.div(x))],
      "inputs",
    );
    expect(
      problem(() =>
        guarded(leaf([0, 2]))
          .sum()
          .backward(),
      ),
    ).toBe("none");
  });

  test("gives what the function gives, and looks away afterwards", () => {
    expect(detectAnomaly(() => 5)).toBe(5);
    expect(leaf([0]).log().item()).toBe(Number.NEGATIVE_INFINITY);
    problem(() => leaf([0]).log());
    expect(leaf([0]).log().item()).toBe(Number.NEGATIVE_INFINITY);
  });

  test("looks at lazy values, too, and refuses where there are none", () => {
    const lazy = new Tensor(ones([2], { backend: createLazyBackend() }), { requiresGrad: true });
    expect(problem(() => lazy.sub(1).log())).toMatch("log: the result");
    const blank = new Tensor(ones([2], { backend: createShapeOnlyBackend() }));
    expect(() => detectAnomaly(() => blank.log())).toThrow("the shape-only backend has no values");
  });

  test("is for functions that are not asynchronous", () => {
    expect(() => detectAnomaly(async () => 1)).toThrow(
      "detectAnomaly: the function is asynchronous\nAwait outside.",
    );
  });
});

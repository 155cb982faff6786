import { ones, tensor } from "@needle/autograd";
import { gradcheck } from "@needle/autograd/testing";
import { manualSeed, memory, NumpyGenerator, setDefaultGenerator } from "@needle/ndarray";
import { assertClose, assertSame } from "@needle/ndarray/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { Dropout } from "../index.ts";

beforeEach(() => manualSeed(0));

// numpy.random.seed(0); numpy.random.rand(8)
const uniform = [
  0.5488135, 0.71518937, 0.60276338, 0.54488318, 0.4236548, 0.64589411, 0.43758721, 0.891773,
];

describe("Dropout in training", () => {
  test("keeps what draws at most 1 - p and scales it by 1 / (1 - p)", () => {
    const x = tensor([1, 2, 3, 4, 5, 6, 7, 8], { dtype: "float64" });
    for (const p of [0.1, 0.3, 0.4, 0.5, 0.6]) {
      setDefaultGenerator(new NumpyGenerator(0));
      const expected = uniform.map((u, i) => (u <= 1 - p ? (i + 1) / (1 - p) : 0));
      assertClose(new Dropout(p).forward(x).value, expected, { rtol: 1e-15, atol: 0 });
    }
  });

  test("drops with probability p and keeps the mean", () => {
    for (const p of [0.1, 0.5, 0.9]) {
      const y = new Dropout(p).forward(ones([100_000]));
      // Five standard deviations of a share, and of the mean of its complement scaled.
      const deviation = 5 * Math.sqrt((p * (1 - p)) / 100_000);
      expect(Math.abs(y.eq(0).mean().item() - p)).toBeLessThan(deviation);
      expect(Math.abs(y.mean().item() - 1)).toBeLessThan(deviation / (1 - p));
    }
  });

  test("draws anew each time, repeatably from a seed", () => {
    const layer = new Dropout();
    const x = ones([64]);
    const [first, second] = [String(layer.forward(x)), String(layer.forward(x))];
    expect(second).not.toBe(first);
    manualSeed(0);
    expect(String(layer.forward(x))).toBe(first);
  });

  test("drops each element of any shape on its own and keeps the dtype", () => {
    const y = new Dropout(0.5).forward(ones([20, 30], { dtype: "float64" }));
    expect([y.shape, y.dtype]).toEqual([[20, 30], "float64"]);
    const perRow = y.eq(0).sum(1).toTypedArray();
    expect(new Set(perRow).size).toBeGreaterThan(3);
  });

  test("passes the gradient through the same mask", () => {
    setDefaultGenerator(new NumpyGenerator(0));
    const x = ones([8], { requiresGrad: true });
    const y = new Dropout(0.5).forward(x);
    y.backward();
    assertSame(x.grad!.value, y.value.toArray());
    const f64 = tensor(
      [
        [0.5, -1, 2],
        [3, 4, -0.5],
      ],
      { dtype: "float64" },
    );
    const layer = new Dropout(0.3);
    gradcheck(
      (input) => {
        manualSeed(1);
        return layer.forward(input);
      },
      [f64],
    );
  });

  test("with p = 0 is the identity", () => {
    const x = tensor([1, 2]);
    expect(new Dropout(0).forward(x)).toBe(x);
  });

  test("with p = 1 gives zeros, and a gradient of zeros", () => {
    const x = tensor([1, -2], { requiresGrad: true });
    const y = new Dropout(1).forward(x);
    y.backward();
    assertSame(y.value, [0, 0]);
    assertSame(x.grad!.value, [0, 0]);
  });

  test("leaves nothing but its result when not recorded", () => {
    const x = ones([4]);
    const before = memory().buffers;
    new Dropout().forward(x);
    expect(memory().buffers - before).toBe(1);
  });
});

describe("Dropout", () => {
  test("in evaluation is the identity and draws nothing", () => {
    const x = tensor([1, 2]);
    setDefaultGenerator(new NumpyGenerator(0));
    const layer = new Dropout(0.9);
    expect(layer.eval().forward(x)).toBe(x);
    assertSame(layer.train().forward(ones([2])).value, [0, 0]);
  });

  test("drops half unless told otherwise", () => {
    expect(new Dropout().p).toBe(0.5);
  });

  test("refuses a probability that is none", () => {
    for (const p of [-0.1, 1.5, Number.NaN]) {
      expect(() => new Dropout(p)).toThrow(
        `Dropout: the probability must be from 0 to 1, got ${p}`,
      );
    }
  });
});

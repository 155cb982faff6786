import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  array,
  type Backend,
  createReferenceBackend,
  memory,
  type NDArray,
  ones,
  ShapeError,
  zeros,
} from "../index.ts";
import { assertClose, assertSame } from "../testing/index.ts";
import { normalizeWithMoments } from "./normalize.ts";

const labels = (values: number | number[]) => array(values, { dtype: "int32" });

/** A backend that has the kernel and notes which activations it is asked for. */
function createWithBias(): Backend & { activations: string[] } {
  const reference = createReferenceBackend();
  const activations: string[] = [];
  return {
    ...reference,
    activations,
    matmulBias(out, a, b, bias, activation) {
      activations.push(activation);
      reference.matmul(out, a, b);
      reference.binary("add", out, out, bias);
      if (activation === "relu") reference.unary("relu", out, out);
    },
  };
}

describe("affine", () => {
  test("adds the bias to each row of the product", () => {
    const x = array([[[1, 2]], [[3, 4]]]);
    const y = x.affine(
      array([
        [1, 10],
        [100, 1000],
      ]),
      array([0.5, 0.25]),
    );
    assertSame(y, [[[201.5, 2010.25]], [[403.5, 4030.25]]]);
  });

  test("promotes dtypes as the product and the sum do", () => {
    const x = array([1, 2], { dtype: "int32" });
    const weight = array([[1], [1]], { dtype: "int32" });
    expect(x.affine(weight).dtype).toBe("int32");
    expect(x.affine(weight, array([0.5])).dtype).toBe("float32");
  });

  test("applies the activation last, with a kernel for it and without", () => {
    const fused = createWithBias();
    for (const backend of [fused, createReferenceBackend()]) {
      const [x, weight, bias] = [
        [[1, -2]],
        [
          [1, 3],
          [2, 1],
        ],
        [1, -4],
      ].map((values) => array(values, { backend })) as [NDArray, NDArray, NDArray];
      const sum = [-2, -3];
      assertSame(x.affine(weight, bias), [sum]);
      assertSame(x.affine(weight, bias.add(4), { activation: "none" }), [[2, 1]]);
      assertSame(x.affine(weight, bias.add(4), { activation: "relu" }), [[2, 1]]);
      assertSame(x.affine(weight, bias, { activation: "relu" }), [[0, 0]]);
      assertSame(x.affine(weight.neg(), null, { activation: "relu" }), [[3, 0]]);
      for (const activation of ["tanh", "sigmoid", "gelu"] as const) {
        const y = x.affine(weight, bias, { activation });
        assertSame(y, array([sum], { backend })[activation]().toArray() as number[][]);
      }
    }
    expect(fused.activations).toEqual(["none", "none", "relu", "relu", "none", "none", "none"]);
  });

  test("refuses activations that it does not have", () => {
    const run = (): unknown =>
      ones([1, 1]).affine(ones([1, 1]), null, { activation: "swish" as never });
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(
      'affine: activation must be "none", "relu", "tanh", "sigmoid" or "gelu", got "swish"',
    );
  });

  test("refuses other shapes", () => {
    const weight = zeros([3, 4]);
    expect(() => zeros([2, 5]).affine(weight)).toThrow(
      "affine: inner sizes differ, [2,5] x [3,4] (5 vs 3)",
    );
    expect(() => zeros([]).affine(weight)).toThrow("affine: expected […,in] x [in,out], got []");
    expect(() => zeros([3]).affine(zeros([3]))).toThrow(
      "affine: expected […,in] x [in,out], got [3] x [3]",
    );
    expect(() => zeros([3]).affine(weight, zeros([3]))).toThrow(
      "affine: expected a bias [4], got [3]",
    );
  });
});

describe("normalize", () => {
  test("keeps the digits of numbers far from 0", () => {
    const x = array([1e6 + 1, 1e6 + 2, 1e6 + 3]);
    const root = Math.sqrt(1.5);
    assertClose(x.normalize(0, { eps: 0 }), [-root, 0, root], { rtol: 1e-6 });
  });

  test("gives the mean and the biased variance it has found", () => {
    const found = normalizeWithMoments(
      array([
        [1, 3],
        [2, 2],
      ]),
      1,
    );
    assertSame(found.mean, [[2], [2]]);
    assertSame(found.variance, [[1], [0]]);
  });

  test("gives NaN for rows with NaN or infinities only", () => {
    const x = array([
      [Number.NaN, 1],
      [Number.POSITIVE_INFINITY, 1],
      [0, 2],
    ]);
    assertClose(x.normalize(1, { eps: 0 }), [
      [NaN, NaN],
      [NaN, NaN],
      [-1, 1],
    ]);
  });

  test("refuses weights that do not stretch", () => {
    expect(() => ones([2, 3]).normalize(1, { weight: ones([2]) })).toThrow(
      new ShapeError("normalize", "the weight [2] does not stretch to [2,3]"),
    );
    expect(() => ones([3]).normalize(0, { bias: ones([2, 3]) })).toThrow(
      new ShapeError("normalize", "the bias [2,3] does not stretch to [3]"),
    );
  });

  test("leaves its result only", () => {
    const x = ones([2, 3]);
    const before = memory().buffers;
    x.normalize(1);
    expect(memory().buffers).toBe(before + 1);
  });
});

describe("softmaxCrossEntropy", () => {
  test("is stable", () => {
    const x = array([
      [10000, 0],
      [0, 10000],
      [-1e30, 1e30],
    ]);
    assertSame(x.softmaxCrossEntropy(labels([0, 0, 1])), [0, 10000, 0]);
  });

  test("gives an infinite loss where a label's score is -infinity", () => {
    const x = array([[0, Number.NEGATIVE_INFINITY]]);
    assertSame(x.softmaxCrossEntropy(labels([1])), [Number.POSITIVE_INFINITY]);
  });

  test("refuses other shapes and labels", () => {
    expect(() => zeros([2, 3]).softmaxCrossEntropy(labels([0]))).toThrow(
      "softmaxCrossEntropy: expected scores […,classes] and labels […], got [2,3] and [1]",
    );
    expect(() => zeros([]).softmaxCrossEntropy(labels(0))).toThrow("got [] and []");
    expect(() => zeros([1, 3]).softmaxCrossEntropy(zeros([1]))).toThrow(
      "softmaxCrossEntropy: indices must be integers, got float32",
    );
    for (const label of [3, -1]) {
      expect(() => zeros([1, 3]).softmaxCrossEntropy(labels([label]))).toThrow(
        "softmaxCrossEntropy: a label is outside the 3 classes, counted from 0",
      );
    }
  });
});

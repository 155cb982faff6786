import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as nd from "../index.ts";
import { array, fromTypedArray, LinAlgError, type NDArray, ShapeError, zeros } from "../index.ts";
import { assertClose } from "../testing/close.ts";

interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const expressions: Record<string, (a: NDArray, b: NDArray) => NDArray> = {
  "det(a)": nd.det,
  "slogdet(a).sign": (a) => nd.slogdet(a).sign,
  "slogdet(a).logabsdet": (a) => nd.slogdet(a).logabsdet,
  "inverse(a)": nd.inverse,
  "matrixPower(a, 3)": (a) => nd.matrixPower(a, 3),
  "matrixPower(a, -2)": (a) => nd.matrixPower(a, -2),
  "matrixPower(a, 0)": (a) => nd.matrixPower(a, 0),
  "cholesky(a)": nd.cholesky,
  "qr(a).q": (a) => nd.qr(a).q,
  "qr(a).r": (a) => nd.qr(a).r,
  "solve(a, b)": nd.solve,
  "triangularSolve(a, b)": (a, b) => nd.triangularSolve(a, b),
  "dot(a, b)": nd.dot,
  "inner(a, b)": nd.inner,
  "outer(a, b)": nd.outer,
  "vdot(a, b)": nd.vdot,
  "kron(a, b)": nd.kron,
  "cross(a, b)": (a, b) => nd.cross(a, b),
  "tensordot(a, b)": (a, b) => nd.tensordot(a, b),
  "tensordot(a, b, [[0, 2], [1, 0]])": (a, b) =>
    nd.tensordot(a, b, [
      [0, 2],
      [1, 0],
    ]),
};

const fixture = new URL("./linalg.fixture.json", import.meta.url);
const { source, rows } = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly source: string;
  readonly rows: readonly {
    readonly expression: string;
    readonly inputs: readonly Values[];
    readonly value: Values;
  }[];
};

function arrayOf({ shape, values }: Values): NDArray {
  return fromTypedArray(Float64Array.from(values), shape);
}

describe(`as ${source} has them`, () => {
  const named = rows.map((row) => {
    const shapes = row.inputs.map(({ shape }) => `[${shape}]`).join(", ");
    return [`${row.expression} of ${shapes}`, row] as const;
  });

  test.each(named)("%s", (_, { expression, inputs, value }) => {
    const operands = inputs.map(arrayOf) as [NDArray, NDArray];
    const y = expression.startsWith("einsum ")
      ? nd.einsum(expression.slice(7), ...operands)
      : expressions[expression]!(...operands);
    assertClose(y, arrayOf(value), { rtol: 1e-11, atol: 1e-11 });
  });
});

describe("linear algebra", () => {
  test("says that a matrix is singular, or not positive definite", () => {
    const singular = array([
      [1, 2],
      [2, 4],
    ]);
    const remedy = "Use a matrix of full rank, or add a small multiple of the identity.";
    const error = (op: string): LinAlgError =>
      new LinAlgError(op, `matrix 0 is singular, element [1,1] of its triangle is 0\n${remedy}`);
    expect(() => singular.solve(zeros([2]))).toThrow(error("solve"));
    expect(() => singular.inverse()).toThrow(error("inverse"));
    expect(() => singular.matrixPower(-1)).toThrow(error("matrixPower"));
    expect(() => singular.tril(-1).triangularSolve(zeros([2, 1]))).toThrow(LinAlgError);
    expect(singular.det().item()).toBeCloseTo(0, 15);
    expect(singular.slogdet().sign.item()).toBeCloseTo(0, 15);
    expect(singular.slogdet().logabsdet.item()).toBe(Number.NEGATIVE_INFINITY);
    expect(() => singular.cholesky()).toThrow(
      new LinAlgError(
        "cholesky",
        "matrix 0 is not positive definite, its minor of order 2 is not positive\nAdd a small multiple of the identity, or use qr.",
      ),
    );
  });

  test("gives float32 for integers, and nothing for nothing", () => {
    const x = array(
      [
        [2, 0],
        [0, 4],
      ],
      { dtype: "int32" },
    );
    expect([x.det().dtype, x.det().item()]).toEqual(["float32", 8]);
    expect(zeros([2, 0, 0]).det().toArray()).toEqual([1, 1]);
    expect(zeros([0, 0]).inverse().shape).toEqual([0, 0]);
    expect(zeros([0, 0]).solve(zeros([0, 3])).shape).toEqual([0, 3]);
    expect(zeros([3, 0]).qr().r.shape).toEqual([0, 0]);
  });

  test("refuses what is no square matrix, and sides of another height", () => {
    expect(() => zeros([2, 3]).det()).toThrow(
      new ShapeError("det", "needs square matrices, got [2,3]"),
    );
    expect(() => zeros([3]).qr()).toThrow(new ShapeError("qr", "needs matrices, got [3]"));
    expect(() => zeros([2, 2]).solve(zeros([3, 1]))).toThrow(
      new ShapeError("solve", "[3,1] does not have the 2 rows of [2,2]"),
    );
    expect(() => zeros([2, 2]).matrixPower(0.5)).toThrow(
      new nd.ArgumentError("matrixPower", "the power must be a whole number, got 0.5"),
    );
  });
});

describe("einsum", () => {
  const x = zeros([2, 3]);
  const problem = (subscripts: string, ...operands: NDArray[]): string => {
    try {
      nd.einsum(subscripts, ...operands);
      return "";
    } catch (error) {
      return error instanceof nd.NeedleError ? error.message : String(error);
    }
  };

  test("names the subscript that is wrong", () => {
    expect(problem("ij,jk", x, x)).toBe(
      'einsum: "j" has lengths 3 and 2 in "ij,jk", shapes [2,3] and [2,3]',
    );
    expect(problem("ii", x)).toBe('einsum: "i" has lengths 2 and 3 in "ii", shapes [2,3]');
    expect(problem("ijk", x)).toBe('einsum: "ijk" names 3 axes, the operand has 2, in "ijk"');
    expect(problem("ij,jk", x)).toBe('einsum: 1 operands for 2 terms in "ij,jk"');
    expect(problem("ij->k", x)).toBe('einsum: the output\'s "k" is in no operand in "ij->k"');
    expect(problem("ij->ii", x)).toBe('einsum: the output has "i" twice in "ij->ii"');
    expect(problem("i1", x)).toBe('einsum: "1" is no subscript in "i1"');
    expect(problem("i...j...", x)).toBe('einsum: "i...j..." has more than one "..." in "i...j..."');
    expect(problem("i->j->k", x)).toBe('einsum: there is more than one "->" in "i->j->k"');
  });
});

describe("products", () => {
  test("refuse sizes that differ", () => {
    const [a, b] = [zeros([2, 3]), zeros([2])];
    expect(() => a.inner(b)).toThrow(
      new ShapeError("inner", "summed sizes differ, [2,3] x [2] (3 vs 2)"),
    );
    expect(() => a.dot(b)).toThrow(
      new ShapeError("dot", "summed sizes differ, [2,3] x [2] (3 vs 2)"),
    );
    expect(() => a.tensordot(b, 2)).toThrow(
      new ShapeError("tensordot", "cannot sum 2 axes of [2,3] and [2]"),
    );
    expect(() => a.tensordot(b, [[0, 1], [0]])).toThrow(
      new ShapeError("tensordot", "2 axes of the first, 1 of the second operand"),
    );
    expect(() => a.cross(b)).toThrow(ShapeError);
  });
});

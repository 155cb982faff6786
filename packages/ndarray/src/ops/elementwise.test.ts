import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  arange,
  array,
  type BinaryOp,
  binaryOps,
  createReferenceBackend,
  DeviceError,
  type DType,
  DTypeError,
  dtypes,
  isFloat,
  type NDArray,
  promote,
  type UnaryOp,
  unaryOps,
  zeros,
} from "../index.ts";
import { modelOfArray } from "../testing/arrays.ts";
import { assertClose, assertSame } from "../testing/close.ts";

interface Wrapping {
  readonly a: string;
  readonly b: string;
  readonly [op: string]: string;
}

const fixture = JSON.parse(
  readFileSync(new URL("./elementwise.fixture.json", import.meta.url), "utf8"),
) as {
  readonly x: string;
  readonly unary: Readonly<Record<string, string>>;
  readonly pairs: string;
  readonly binary: Readonly<Record<string, string>>;
  readonly int32: Wrapping;
  readonly uint8: Wrapping;
};

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const unaryNames = Object.keys(unaryOps) as UnaryOp[];
const binaryNames = Object.keys(binaryOps) as BinaryOp[];

const bitwise: readonly string[] = [
  "bitwiseAnd",
  "bitwiseOr",
  "bitwiseXor",
  "leftShift",
  "rightShift",
];
/** Ops whose right operand has to be small. */
const few: readonly string[] = ["pow", "leftShift", "rightShift"];
const withoutBool: readonly string[] = [
  "sub",
  "fmod",
  "remainder",
  "floorDivide",
  "leftShift",
  "rightShift",
];
/** The tail of the error function, which the formula of gelu multiplies with a rounded factor. */
const loose: Readonly<Record<string, number>> = { erfc: 2e-15, gelu: 2e-14 };

function list(text: string): number[] {
  return text.split(" ").map(Number);
}

describe("NumPy gives the same for special values", () => {
  const exact: readonly string[] = ["neg", "abs", "floor", "ceil", "round", "trunc"];
  test.each(unaryNames)("%s", (op) => {
    const y = array(list(fixture.x), { dtype: "float64" })[op]();
    const expected = list(fixture.unary[op]!);
    if (exact.includes(op)) assertSame(y, expected, { zeroSign: true });
    else assertClose(y, expected, { rtol: loose[op] ?? 1e-15, atol: 0 });
  });

  test.each(binaryNames.filter((op) => !bitwise.includes(op)))("%s, every pair", (op) => {
    const x = array(list(fixture.pairs), { dtype: "float64" });
    const y = x.unsqueeze(1)[op](x);
    assertClose(y.flatten(), list(fixture.binary[op]!), { rtol: 1e-15, atol: 0 });
  });

  test.each(["int32", "uint8"] as const)("%s, which wraps around", (dtype) => {
    const { a, b, ...results } = fixture[dtype];
    const x = array(list(a), { dtype });
    const other = array(list(b), { dtype });
    for (const [op, expected] of Object.entries(results)) {
      if (op === "from") continue;
      const y =
        op in unaryOps || op === "bitwiseNot"
          ? x[op as UnaryOp]()
          : x.unsqueeze(1)[op as BinaryOp](few.includes(op) ? other : x);
      expect(y.dtype).toBe(dtype);
      assertSame(y.flatten(), list(expected));
    }
  });
});

describe("dtypes", () => {
  test.each(unaryNames)("%s gives what its table says", (op) => {
    const kind = unaryOps[op];
    for (const dtype of dtypes) {
      const x = zeros([2], { dtype });
      if (kind === "same" && dtype === "bool") {
        const remedy = "Use logicalNot or logicalXor, or convert with astype first.";
        expect(() => x[op]()).toThrow(new DTypeError(op, "not defined for bool", remedy));
        continue;
      }
      const float = isFloat(dtype) ? dtype : "float32";
      expect(x[op]().dtype).toBe({ same: dtype, float, bool: "bool" }[kind]);
    }
  });

  test.each(binaryNames)("%s gives the promoted dtype, or bool", (op) => {
    const kind = binaryOps[op];
    for (const a of dtypes) {
      for (const b of dtypes) {
        const common = promote(a, b);
        if (withoutBool.includes(op) && common === "bool") continue;
        if (bitwise.includes(op) && isFloat(common)) continue;
        const float = isFloat(common) ? common : "float32";
        const y = zeros([2], { dtype: a })[op](zeros([2], { dtype: b }));
        expect(y.dtype).toBe({ same: common, float, bool: "bool" }[kind]);
      }
    }
  });

  test("a number takes the dtype of the array, where that holds it", () => {
    const x = array([1, 2], { dtype: "uint8" });
    expect(x.add(3).dtype).toBe("uint8");
    expect(x.add(-3).toArray()).toEqual([-2, -1]);
    expect(x.add(-3).dtype).toBe("int32");
    expect(x.mul(300).toArray()).toEqual([300, 600]);
    expect(x.add(0.5).toArray()).toEqual([1.5, 2.5]);
    expect(x.lt(1.5).toArray()).toEqual([1, 0]);
    expect(array([1, 2], { dtype: "float64" }).add(0.1).toArray()).toEqual([1.1, 2.1]);
  });

  test("a number beside float32 is rounded to float32, as NumPy's and PyTorch's scalars", () => {
    expect(array([0.1]).eq(0.1).item()).toBe(1);
    expect(array([0.1]).lt(0.1).item()).toBe(0);
    expect(array([0.1]).sub(0.1).item()).toBe(0);
    expect(array([0.1], { dtype: "float64" }).eq(0.1).item()).toBe(1);
  });

  test("bool adds as or, multiplies as and, and does not subtract", () => {
    const x = array([[true], [false]]);
    const y = array([true, false]);
    expect(x.add(y).toArray()).toEqual([
      [1, 1],
      [1, 0],
    ]);
    expect(x.mul(y).toArray()).toEqual([
      [1, 0],
      [0, 0],
    ]);
    expect(x.maximum(y).dtype).toBe("bool");
    const remedy = "Use logicalNot or logicalXor, or convert with astype first.";
    expect(() => x.sub(y)).toThrow(new DTypeError("sub", "not defined for bool", remedy));
    expect(x.sub(1).toArray()).toEqual([[0], [-1]]);
  });

  test("integers divide to float32", () => {
    const y = array([7, -7], { dtype: "int32" }).div(2);
    expect(y.dtype).toBe("float32");
    expect(y.toArray()).toEqual([3.5, -3.5]);
    expect(
      array([1, -1, 0], { dtype: "int32" })
        .div(array([0], { dtype: "int32" }))
        .toArray(),
    ).toEqual([inf, -inf, nan]);
  });

  test("float32 results are rounded once", () => {
    const x = array([0.1, 1 / 3, 16777217]);
    expect(x.toArray()).toEqual([Math.fround(0.1), Math.fround(1 / 3), 16777216]);
    expect(x.mul(3).toArray()).toEqual(
      [0.1, 1 / 3, 16777216].map((v) => Math.fround(Math.fround(v) * 3)),
    );
  });

  test("sigmoid is right where e^-x overflows", () => {
    const x = array([-720, -1e4, 720], { dtype: "float64" });
    expect(x.sigmoid().toArray()).toEqual([Math.exp(-720), 0, 1]);
  });

  test("isNaN, isFinite and isInf take integers", () => {
    const x = array([1, 2], { dtype: "int32" });
    expect([x.isNaN(), x.isFinite(), x.isInf()].map((y) => y.toArray())).toEqual([
      [0, 0],
      [1, 1],
      [0, 0],
    ]);
  });
});

describe("erfinv", () => {
  test("undoes erf, also where erf is within the last digits of 1", () => {
    const small = [-0.9, -0.5, -1e-3, 1e-10, 1e-200, 0.25, 0.5, 0.875];
    const x = array(small, { dtype: "float64" });
    assertClose(x.erfinv().erf(), small, { rtol: 1e-15, atol: 0 });
    const gaps = [4, 10, 20, 40, 53].map((digits) => 2 ** -digits);
    const near = array(
      gaps.map((gap) => 1 - gap),
      { dtype: "float64" },
    );
    assertClose(near.erfinv().erfc(), gaps, { rtol: 3e-14, atol: 0 });
    assertClose(near.neg().erfinv(), near.erfinv().neg(), { rtol: 0, atol: 0 });
  });

  test("is infinite at -1 and 1, NaN beyond, keeps -0, and makes integers float32", () => {
    const y = array([-1, 1, 1.5, -2, nan, -0], { dtype: "float64" }).erfinv();
    expect(y.toArray()).toEqual([-Infinity, Infinity, nan, nan, nan, -0]);
    expect(array([0, 1], { dtype: "int32" }).erfinv().dtype).toBe("float32");
    expect(array([0.5]).erfinv().item()).toBe(Math.fround(0.4769362762044699));
  });
});

describe("ops on bits", () => {
  test.each(bitwise as readonly BinaryOp[])("%s refuses floats", (op) => {
    const error = new DTypeError(
      op,
      "works on the bits of integers and bools, got float32",
      'Convert with astype("int32") first.',
    );
    expect(() => zeros([2])[op](1)).toThrow(error);
    expect(() => zeros([2], { dtype: "int32" })[op](0.5)).toThrow(error);
  });

  test("are the logical ones for bools", () => {
    const x = array([true, true, false, false]);
    const y = array([true, false, true, false]);
    expect(x.bitwiseAnd(y).toArray()).toEqual([1, 0, 0, 0]);
    expect(x.bitwiseOr(y).toArray()).toEqual([1, 1, 1, 0]);
    expect(x.bitwiseXor(y).toArray()).toEqual([0, 1, 1, 0]);
    expect(x.bitwiseNot().toArray()).toEqual([0, 0, 1, 1]);
    expect(x.bitwiseNot().dtype).toBe("bool");
  });

  test("shift everything out by the dtype's size or more", () => {
    const x = array([1, -1, 2 ** 31 - 1], { dtype: "int32" });
    expect(x.leftShift(31).toArray()).toEqual([-(2 ** 31), -(2 ** 31), -(2 ** 31)]);
    expect(x.leftShift(32).toArray()).toEqual([0, 0, 0]);
    expect(x.rightShift(40).toArray()).toEqual([0, -1, 0]);
  });
});

describe("pow", () => {
  test("of integers to a negative power is refused: it would not be whole", () => {
    const x = array([2], { dtype: "int32" });
    expect(() => x.pow(-1)).toThrow(
      new ArgumentError(
        "pow",
        "integers to the power -1 are not whole",
        'Convert with astype("float32") first.',
      ),
    );
    expect(x.pow(0.5).item()).toBe(Math.fround(Math.SQRT2));
    expect(array([2]).pow(-1).item()).toBe(0.5);
  });

  test("cuts whole powers that are fractions, given as an array, to whole numbers", () => {
    const x = array([2, 1, -1, -1], { dtype: "int32" });
    expect(x.pow(array([-1, -1, -1, -2], { dtype: "int32" })).toArray()).toEqual([0, 1, -1, 1]);
  });
});

describe("operands", () => {
  test("of two backends are refused with both names", () => {
    const other = { ...createReferenceBackend(), name: "other" };
    const error = new DeviceError(
      "add",
      "arrays are on two backends, reference and other",
      "Move one with `x.to(backend)`.",
    );
    expect(() => zeros([1]).add(zeros([1], { backend: other }))).toThrow(error);
  });

  test("need an array among them", () => {
    const two = 2 as unknown as NDArray;
    expect(() => zeros([1]).add.call(two, 3)).toThrow(
      new DeviceError("add", "needs at least one array"),
    );
  });

  test("are arrays or numbers, and nothing else", () => {
    const remedy = "Make one with array(...).";
    const refused: [unknown, string][] = [
      [[1, 2], "[1,2]"],
      ["3", '"3"'],
      [undefined, "undefined"],
    ];
    for (const [operand, name] of refused) {
      const error = new ArgumentError("add", `operands are arrays or numbers, got ${name}`, remedy);
      expect(() => zeros([2]).add(operand as number)).toThrow(error);
    }
    expect(() => zeros([2]).matmul([1, 2] as never)).toThrow(
      new ArgumentError("matmul", "the operand is an array, got [1,2]", remedy),
    );
  });

  test("may be one array twice", () => {
    const x = arange(3);
    expect(x.mul(x).toArray()).toEqual([0, 1, 4]);
  });

  test("are not changed", () => {
    const x = array([
      [1, -2],
      [3, nan],
    ]).transpose();
    const before = modelOfArray(x).values;
    for (const op of unaryNames) x[op]();
    for (const op of binaryNames) if (!bitwise.includes(op)) x[op](x);
    expect(modelOfArray(x).values).toEqual(before);
  });

  test("of rank 0 and without elements work", () => {
    expect(array(3).add(array(4)).item()).toBe(7);
    for (const dtype of dtypes as readonly DType[])
      expect(zeros([0, 2], { dtype }).add(zeros([2])).shape).toEqual([0, 2]);
  });
});

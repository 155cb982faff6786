import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  array,
  bytesPerElement,
  checkDType,
  dtypes,
  isFloat,
  promote,
  promoteNumber,
  toFloat,
  typedArray,
} from "./index.ts";

describe("promote", () => {
  // torch.promote_types of every pair of PyTorch 1.13, in the order of dtypes.
  test("agrees with PyTorch and gives the higher of two dtypes: bool, uint8, int32, float32, float64", () => {
    const table = dtypes.map((a) => dtypes.map((b) => promote(a, b)));
    expect(table).toEqual([
      ["bool", "uint8", "int32", "float32", "float64"],
      ["uint8", "uint8", "int32", "float32", "float64"],
      ["int32", "int32", "int32", "float32", "float64"],
      ["float32", "float32", "float32", "float32", "float64"],
      ["float64", "float64", "float64", "float64", "float64"],
    ]);
  });
});

describe("promoteNumber", () => {
  test("keeps the other dtype where that holds the number", () => {
    expect(promoteNumber("float32", 0.5)).toBe("float32");
    expect(promoteNumber("float64", 3)).toBe("float64");
    expect(promoteNumber("int32", -7)).toBe("int32");
    expect(promoteNumber("int32", -0)).toBe("int32");
    expect(promoteNumber("uint8", 255)).toBe("uint8");
  });

  test("gives int32 for whole numbers that the other dtype is too small for", () => {
    expect(promoteNumber("uint8", 256)).toBe("int32");
    expect(promoteNumber("uint8", -1)).toBe("int32");
    expect(promoteNumber("bool", 1)).toBe("int32");
    expect(promoteNumber("int32", 2 ** 31 - 1)).toBe("int32");
  });

  test("gives float32 for what no integer dtype holds", () => {
    for (const value of [0.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(promoteNumber("int32", value)).toBe("float32");
      expect(promoteNumber("bool", value)).toBe("float32");
    }
  });
});

describe("dtypes", () => {
  test("floats are float32 and float64, and stay what they are as floats", () => {
    expect(dtypes.filter(isFloat)).toEqual(["float32", "float64"]);
    expect(dtypes.map(toFloat)).toEqual(["float32", "float32", "float32", "float32", "float64"]);
  });

  test("elements take 1, 1, 4, 4 and 8 bytes", () => {
    expect(dtypes.map(bytesPerElement)).toEqual([1, 1, 4, 4, 8]);
    expect(dtypes.map((dtype) => typedArray(dtype, 3).byteLength)).toEqual([3, 3, 12, 12, 24]);
  });

  test("an unknown name is refused with the known ones", () => {
    const problem = 'dtype must be "bool", "uint8", "int32", "float32" or "float64", got "float16"';
    const error = new ArgumentError("load", problem);
    expect(() => checkDType("load", "float16")).toThrow(error);
    // @ts-expect-error: not a dtype.
    expect(() => array([1], { dtype: "float16" })).toThrow(`array: ${problem}`);
  });
});

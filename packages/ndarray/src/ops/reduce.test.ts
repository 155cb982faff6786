import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  type Axes,
  array,
  type DType,
  fromTypedArray,
  type NDArray,
  ShapeError,
  zeros,
} from "../index.ts";
import { anyAxesOf, anyViews, moderateValues } from "../testing/arbitraries.ts";
import { arrayOfView } from "../testing/arrays.ts";
import { assertClose, assertSame } from "../testing/close.ts";
import { HostArray, hostReduce } from "../testing/host.ts";

const fixture = JSON.parse(
  readFileSync(new URL("./reduce.fixture.json", import.meta.url), "utf8"),
) as {
  readonly arrays: Readonly<Record<string, string>>;
  readonly cases: readonly string[];
};

type Name = "sum" | "prod" | "max" | "min" | "argmax" | "argmin" | "mean" | "any" | "all";

function list(text: string): number[] {
  return text === "" ? [] : text.split(" ").map(Number);
}

function source(name: string): NDArray {
  const dtype: DType = name === "int" ? "int32" : name === "bool" ? "bool" : "float32";
  const values = Float64Array.from(list(fixture.arrays[name]!));
  return fromTypedArray<DType>(values, name === "none" ? [2, 0, 3] : [2, 3, 4], { dtype });
}

describe("NumPy gives the same", () => {
  test.each(fixture.cases)("%s", (line) => {
    const [call, result] = line.split(" -> ") as [string, string];
    const [op, name, axes] = call.split(" ") as [Name, string, string];
    const reduce = (keepdims = false): NDArray =>
      source(name)[op](JSON.parse(axes) as Axes, { keepdims });
    if (result === "refused") {
      expect(() => reduce()).toThrow(ArgumentError);
      return;
    }
    const shape = JSON.parse(result.slice(0, result.indexOf(" "))) as number[];
    const values = list(result.slice(result.indexOf(" ") + 1));
    assertClose(reduce(), new HostArray("float32", shape, values), { rtol: 1e-6, atol: 0 });
    expect(reduce(true).ndim).toBe(3);
    expect(reduce(true).reshape(shape).toArray()).toEqual(reduce().toArray());
  });
});

describe("reductions", () => {
  test.each(["sum", "prod", "max", "min", "argmax", "argmin"] as const)(
    "%s equals the model over any axes of any strides",
    (op) => {
      const sample = anyViews("int32", { values: moderateValues("int32"), maxRank: 4 })
        .filter((view) => !view.shape.includes(0))
        .chain((view) =>
          fc.record({ view: fc.constant(view), axes: anyAxesOf(view.shape.length) }),
        );
      fc.assert(
        fc.property(sample, ({ view, axes }) => {
          const reduced = axes.map((axis) => (axis + view.shape.length) % view.shape.length);
          const expected = hostReduce(op, HostArray.of(view), reduced);
          assertSame(arrayOfView(view)[op](axes, { keepdims: true }), expected);
        }),
        { seed: 1 },
      );
    },
  );

  test("over all axes by default, by null, and of rank 0", () => {
    const x = array([
      [1, 2],
      [3, 4],
    ]);
    expect(x.sum().item()).toBe(10);
    expect(x.sum(null, { keepdims: true }).toArray()).toEqual([[10]]);
    expect(array(5).sum().item()).toBe(5);
    expect(array(5).argmax([]).item()).toBe(0);
  });

  test("over no axes give the array unchanged, as a copy", () => {
    const x = array([1, 2]);
    for (const y of [x.sum([]), x.max([]), x.mean([])]) {
      expect(y.toArray()).toEqual([1, 2]);
      expect(y.storage).not.toBe(x.storage);
    }
  });

  test("refuse axes the array does not have", () => {
    const x = zeros([2, 3]);
    expect(() => x.sum(2)).toThrow(new ShapeError("sum", "axis 2 is out of range for 2 axes"));
    expect(() => x.mean([0, -2])).toThrow(
      new ShapeError("mean", "an axis is named twice in [0,-2]"),
    );
    expect(() => x.any(5)).toThrow(new ShapeError("any", "axis 5 is out of range for 2 axes"));
  });
});

describe("sum and prod", () => {
  test("of bool and uint8 are int32", () => {
    expect(array([true, true, false]).sum().dtype).toBe("int32");
    expect(array([true, true, false]).sum().item()).toBe(2);
    const bytes = array([200, 100], { dtype: "uint8" });
    expect([bytes.sum().item(), bytes.prod().item(), bytes.prod().dtype]).toEqual([
      300,
      20000,
      "int32",
    ]);
  });

  test("of int32 wrap around", () => {
    const large = array([2 ** 31 - 1, 2 ** 31 - 1, 3], { dtype: "int32" });
    expect(large.sum().item()).toBe(1);
    expect(large.prod().item()).toBe(3);
  });

  test("of float32 are as exact as sums in halves", () => {
    const x = fromTypedArray(new Float32Array(1_000_000).fill(0.1), [1_000_000]);
    const total = 1_000_000 * Math.fround(0.1);
    expect(Math.abs(x.sum().item() - total) / total).toBeLessThan(1e-7);
  });
});

describe("max, min and their positions", () => {
  test("over no elements are refused with shape and axes", () => {
    const x = zeros([2, 0]);
    const error = (op: string, axes: string): ArgumentError =>
      new ArgumentError(op, `no elements to choose from, [2,0] over axes [${axes}]`);
    expect(() => x.max()).toThrow(error("max", "0,1"));
    expect(() => x.argmin(-1)).toThrow(error("argmin", "1"));
    expect(x.min(0).shape).toEqual([0]);
  });

  test("positions are int32, counted row-major over the reduced axes", () => {
    const x = array([
      [
        [1, 9],
        [3, 2],
      ],
      [
        [0, 5],
        [7, 5],
      ],
    ]);
    expect(x.argmax().item()).toBe(1);
    expect(x.argmax([1, 2]).toArray()).toEqual([1, 2]);
    expect(x.argmax([0, 2]).toArray()).toEqual([1, 2]);
    expect(x.argmax().dtype).toBe("int32");
  });

  test("find -Infinity, and NaN before anything", () => {
    expect(array([Number.NEGATIVE_INFINITY]).max().item()).toBe(Number.NEGATIVE_INFINITY);
    expect(array([1, Number.NaN, Number.POSITIVE_INFINITY]).argmax().item()).toBe(1);
    expect(array([1, Number.NaN, Number.NEGATIVE_INFINITY]).argmin().item()).toBe(1);
  });
});

describe("mean", () => {
  test("of integers is float32, of nothing NaN", () => {
    expect(array([1, 2], { dtype: "int32" }).mean().item()).toBe(1.5);
    expect(array([true, false]).mean().dtype).toBe("float32");
    expect(zeros([0]).mean().item()).toBeNaN();
    expect(zeros([2], { dtype: "float64" }).mean().dtype).toBe("float64");
  });
});

describe("any and all", () => {
  test("count NaN as true, and know what holds for nothing", () => {
    expect(array([Number.NaN, 0]).any().item()).toBe(1);
    expect(array([Number.NaN, 0]).all().item()).toBe(0);
    expect([zeros([0]).any().item(), zeros([0]).all().item()]).toEqual([0, 1]);
    expect(zeros([2, 0]).all(1, { keepdims: true }).toArray()).toEqual([[1], [1]]);
    expect(zeros([2]).any().dtype).toBe("bool");
  });
});

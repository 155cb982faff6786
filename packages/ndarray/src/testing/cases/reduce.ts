/**
 * Reductions over any axes: exact for integers and for choosing, within the error of any order of
 * adding for floats.
 */
import fc from "fast-check";
import type { ReduceOp } from "../../backend.ts";
import { type DType, dtypes, isFloat } from "../../dtype.ts";
import { axesOf, moderateValues, shapes, values, views } from "../arbitraries.ts";
import { type Allowance, rounded } from "../close.ts";
import { HostArray, type HostView, hostReduce, multiIndices } from "../host.ts";
import { ulp } from "../host-values.ts";
import { type ConformanceCase, forAll, once } from "./case.ts";

interface ReduceLaw {
  /** Ops convert bool and uint8 to int32 before they add up. */
  readonly dtypes: readonly DType[];
  /** Whether the kernel is called for no elements at all. */
  readonly ofNothing: boolean;
  /** Elements tried besides any: none of them lets an intermediate result overflow. */
  readonly on: (dtype: DType) => fc.Arbitrary<number>;
}

const adding: readonly DType[] = ["int32", "float32", "float64"];
const choosing: ReduceLaw = { dtypes, ofNothing: false, on: values };

/** Numbers of which a hundred multiply to something finite. */
export function factors(dtype: DType): fc.Arbitrary<number> {
  return isFloat(dtype)
    ? moderateValues(dtype).map((x) => Math.fround(x < 0 ? x / 100 - 0.6 : x / 100 + 0.6))
    : values(dtype);
}

const reduceLaws: Record<ReduceOp, ReduceLaw> = {
  sum: {
    dtypes: adding,
    ofNothing: true,
    on: (dtype) => (isFloat(dtype) ? moderateValues(dtype) : values(dtype)),
  },
  prod: { dtypes: adding, ofNothing: true, on: factors },
  max: choosing,
  min: choosing,
  argmax: choosing,
  argmin: choosing,
};

/** The relative spacing of a float dtype. */
export function epsilon(dtype: DType): number {
  return ulp(dtype, 1);
}

/**
 * n additions, in whatever order, lose at most n times half a spacing of the sum of absolute
 * values; n products as much of the product. The model itself is not better than that in float64,
 * hence a whole spacing.
 */
function lossOf(op: ReduceOp, x: HostArray, axes: readonly number[]): Allowance {
  if (!isFloat(x.dtype) || (op !== "sum" && op !== "prod")) return rounded;
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  const sizes = hostReduce(op, x.map(Math.abs), axes).values;
  return (_, i) => count * epsilon(x.dtype) * sizes[i]!;
}

const generalCases: ConformanceCase[] = (Object.keys(reduceLaws) as ReduceOp[]).flatMap((op) =>
  reduceLaws[op].dtypes.map((dtype) => {
    const { ofNothing, on } = reduceLaws[op];
    const result = op === "argmax" || op === "argmin" ? "int32" : dtype;
    const sample = shapes().chain((shape) =>
      axesOf(shape.length).chain((all) => {
        const axes = all.filter((axis) => ofNothing || shape[axis] !== 0);
        const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
        return fc.record({
          axes: fc.constant(axes),
          x: views(dtype, shape, { values: on(dtype) }),
          out: views(result, kept, { stretch: false }),
        });
      }),
    );
    return forAll(`${op} ${dtype}`, sample, (bench, { axes, x, out }) => {
      const target = bench.place(out);
      bench.backend.reduce(op, target, bench.place(x), axes);
      const model = HostArray.of(x);
      return bench.expect(target, out, hostReduce(op, model, axes), {
        allowed: lossOf(op, model, axes),
      });
    });
  }),
);

/** A row-major window on its own memory. */
function row(dtype: DType, data: readonly number[]): HostView {
  return { dtype, data, shape: [data.length], strides: [1], offset: 0 };
}

const one = (dtype: DType): HostView => row(dtype, [7]);

/** Rows with specials, and what each reduction gives: numbers small enough to see why. */
const special: readonly {
  readonly op: ReduceOp;
  readonly about: string;
  readonly of: readonly number[];
  readonly gives: number;
}[] = [
  { op: "sum", about: "nothing", of: [], gives: 0 },
  { op: "prod", about: "nothing", of: [], gives: 1 },
  { op: "sum", about: "a NaN", of: [1, Number.NaN, 2], gives: Number.NaN },
  {
    op: "sum",
    about: "an infinity",
    of: [1, Number.POSITIVE_INFINITY, 2],
    gives: Number.POSITIVE_INFINITY,
  },
  {
    op: "sum",
    about: "both infinities",
    of: [Number.POSITIVE_INFINITY, 0, Number.NEGATIVE_INFINITY],
    gives: Number.NaN,
  },
  { op: "prod", about: "a NaN", of: [0, Number.NaN, 2], gives: Number.NaN },
  {
    op: "prod",
    about: "zero and an infinity",
    of: [0, 2, Number.POSITIVE_INFINITY],
    gives: Number.NaN,
  },
  { op: "max", about: "negative numbers only", of: [-3, -2, -5, -2.5], gives: -2 },
  { op: "min", about: "positive numbers only", of: [3, 2, 5, 2.5], gives: 2 },
  {
    op: "max",
    about: "-Infinity only",
    of: [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    gives: Number.NEGATIVE_INFINITY,
  },
  { op: "max", about: "a NaN", of: [5, Number.NaN, 7, 1, 2, 3], gives: Number.NaN },
  { op: "min", about: "a NaN", of: [5, Number.NaN, 1, 8, 2, 3], gives: Number.NaN },
  { op: "argmax", about: "ties, the first", of: [1, 3, 2, 3, 3, 0], gives: 1 },
  { op: "argmin", about: "ties, the first", of: [1, 0, 2, 0, 0, 5], gives: 1 },
  { op: "argmax", about: "NaN, the first", of: [1, 9, Number.NaN, 12, Number.NaN], gives: 2 },
  { op: "argmin", about: "NaN, the first", of: [1, -9, Number.NaN, -12, Number.NaN], gives: 2 },
];

const specialCases: ConformanceCase[] = special.flatMap(({ op, about, of, gives }) =>
  (["float32", "float64"] as const).map((dtype) =>
    once(`${op} ${dtype} of ${about}`, (bench) => {
      const out = one(op.startsWith("arg") ? "int32" : dtype);
      const target = bench.place(out);
      bench.backend.reduce(op, target, bench.place(row(dtype, of)), [0]);
      return bench.expect(target, out, new HostArray(out.dtype, [1], [gives]));
    }),
  ),
);

/** Adding one by one in float32 is off by 1e-4 here; sums in blocks of 128 are not. */
const longSum: ConformanceCase = once(
  "sum float32 of 100,000 numbers is as exact as sums in blocks",
  async (bench) => {
    const count = 100_000;
    const data = Array.from({ length: count }, (_, i) => Math.fround(0.1 + (i % 7) * 0.01));
    const total = data.reduce((sum, x) => sum + x, 0);
    const out = one("float32");
    const target = bench.place(out);
    bench.backend.reduce("sum", target, bench.place(row("float32", data)), [0]);
    const additions = 128 + Math.ceil(Math.log2(count / 128));
    const allowed = (): number => (additions * epsilon("float32") * total) / 2;
    await bench.expect(target, out, new HostArray("float32", [1], [total]), { allowed });
  },
);

/** Every set of axes of one reversed and transposed array. */
const everyAxes: ConformanceCase = once("sum int32 over every set of axes", async (bench) => {
  const x: HostView = {
    dtype: "int32",
    data: Array.from({ length: 24 }, (_, i) => i * i),
    shape: [3, 2, 4],
    strides: [-1, 12, 3],
    offset: 2,
  };
  const view = bench.place(x);
  for (const chosen of multiIndices([2, 2, 2])) {
    const axes = [0, 1, 2].filter((axis) => chosen[axis] === 1);
    const expected = hostReduce("sum", HostArray.of(x), axes);
    const strides = expected.shape.map((_, axis) =>
      expected.shape.slice(axis + 1).reduce((a, b) => a * b, 1),
    );
    const out: HostView = {
      dtype: "int32",
      data: expected.values.map(() => -1),
      shape: expected.shape,
      strides,
      offset: 0,
    };
    const target = bench.place(out);
    bench.backend.reduce("sum", target, view, axes);
    await bench.expect(target, out, expected);
  }
});

/** Cases of `reduce`. */
export const reduceCases: readonly ConformanceCase[] = [
  ...generalCases,
  ...specialCases,
  longSum,
  everyAxes,
];

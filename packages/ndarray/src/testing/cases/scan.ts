/** `scan`, `recurrence` and `argsort` along any axis of any layout, NaN and ties included. */
import fc from "fast-check";
import type { ScanOp } from "../../backend.ts";
import { type DType, dtypes, isFloat } from "../../dtype.ts";
import { moderateValues, shapes, values, views } from "../arbitraries.ts";
import { type Allowance, rounded } from "../close.ts";
import { HostArray, type HostView } from "../host.ts";
import { hostArgsort, hostRecurrence, hostScan } from "../host-scan.ts";
import { type ConformanceCase, forAll, once } from "./case.ts";
import { epsilon, factors } from "./reduce.ts";

interface ScanLaw {
  /** Ops convert bool and uint8 before they add up, integers before they take exponentials. */
  readonly dtypes: readonly DType[];
  readonly on: (dtype: DType) => fc.Arbitrary<number>;
}

const adding: readonly DType[] = ["int32", "float32", "float64"];
const choosing: ScanLaw = { dtypes, on: values };

const scanLaws: Record<ScanOp, ScanLaw> = {
  sum: {
    dtypes: adding,
    on: (dtype) => (isFloat(dtype) ? moderateValues(dtype) : values(dtype)),
  },
  prod: { dtypes: adding, on: factors },
  logsumexp: {
    dtypes: ["float32", "float64"],
    on: (dtype) =>
      fc.oneof(
        { weight: 7, arbitrary: moderateValues(dtype) },
        { weight: 1, arbitrary: fc.constantFrom(1e4, -1e4, -Infinity, Infinity, Number.NaN) },
      ),
  },
  argmax: choosing,
  argmin: choosing,
};

/** A shape with an axis, and where along it each element is. */
function lines(): fc.Arbitrary<readonly [shape: number[], axis: number]> {
  return fc
    .tuple(shapes({ minRank: 1, maxRank: 4, maxSize: 80 }), fc.nat())
    .map(([shape, seed]) => [shape, seed % shape.length]);
}

/** What n steps lose in any order: n spacings of the result of absolute values. */
function lossOf(op: ScanOp, x: HostArray, axis: number): Allowance {
  if (!isFloat(x.dtype) || op === "argmax" || op === "argmin") return rounded;
  const count = x.shape[axis]!;
  if (op === "logsumexp")
    return (expected) => (count + 8) * (1 + Math.abs(expected)) * epsilon(x.dtype);
  const sizes = hostScan(op, x.map(Math.abs), axis).values;
  return (_, i) => count * epsilon(x.dtype) * sizes[i]!;
}

const generalCases: ConformanceCase[] = (Object.keys(scanLaws) as ScanOp[]).flatMap((op) =>
  scanLaws[op].dtypes.map((dtype) => {
    const result = op === "argmax" || op === "argmin" ? "int32" : dtype;
    const sample = lines().chain(([shape, axis]) =>
      fc.record({
        axis: fc.constant(axis),
        x: views(dtype, shape, { values: scanLaws[op].on(dtype) }),
        out: views(result, shape, { stretch: false }),
      }),
    );
    return forAll(`scan ${op} ${dtype}`, sample, (bench, { axis, x, out }) => {
      const target = bench.place(out);
      bench.backend.scan(op, target, bench.place(x), axis);
      const model = HostArray.of(x);
      return bench.expect(target, out, hostScan(op, model, axis), {
        allowed: lossOf(op, model, axis),
      });
    });
  }),
);

const recurrenceCases: ConformanceCase[] = (["float32", "float64"] as const).map((dtype) => {
  const sample = lines().chain(([shape, axis]) =>
    fc.record({
      axis: fc.constant(axis),
      a: views(dtype, shape, { values: factors(dtype) }),
      b: views(dtype, shape, { values: moderateValues(dtype) }),
      out: views(dtype, shape, { stretch: false }),
    }),
  );
  return forAll(`recurrence ${dtype}`, sample, (bench, { axis, a, b, out }) => {
    const target = bench.place(out);
    bench.backend.recurrence(target, bench.place(a), bench.place(b), axis);
    const [left, right] = [HostArray.of(a), HostArray.of(b)];
    const sizes = hostRecurrence(left.map(Math.abs), right.map(Math.abs), axis).values;
    return bench.expect(target, out, hostRecurrence(left, right, axis), {
      allowed: (_, i) => 2 * a.shape[axis]! * epsilon(dtype) * sizes[i]!,
    });
  });
});

const sortCases: ConformanceCase[] = dtypes.flatMap((dtype) =>
  [false, true].map((descending) => {
    const sample = lines().chain(([shape, axis]) =>
      fc.record({
        axis: fc.constant(axis),
        x: views(dtype, shape),
        out: views("int32", shape, { stretch: false }),
      }),
    );
    const name = `argsort ${dtype}${descending ? ", descending" : ""}`;
    return forAll(name, sample, (bench, { axis, x, out }) => {
      const target = bench.place(out);
      bench.backend.argsort(target, bench.place(x), axis, descending);
      return bench.expect(target, out, hostArgsort(HostArray.of(x), axis, descending));
    });
  }),
);

function row(dtype: DType, data: readonly number[]): HostView {
  return { dtype, data, shape: [data.length], strides: [1], offset: 0 };
}

/** Small enough to see why. */
const special: readonly ConformanceCase[] = [
  once("argsort float32 keeps the order of ties, NaN last", async (bench) => {
    const out = row("int32", [0, 0, 0, 0, 0, 0]);
    const target = bench.place(out);
    const x = row("float32", [2, Number.NaN, 1, 2, -Infinity, 1]);
    bench.backend.argsort(target, bench.place(x), 0, false);
    await bench.expect(target, out, new HostArray("int32", [6], [4, 2, 5, 0, 3, 1]));
  }),
  once("argsort float32, descending, keeps the order of ties, NaN first", async (bench) => {
    const out = row("int32", [0, 0, 0, 0, 0, 0]);
    const target = bench.place(out);
    const x = row("float32", [2, Number.NaN, 1, 2, -Infinity, 1]);
    bench.backend.argsort(target, bench.place(x), 0, true);
    await bench.expect(target, out, new HostArray("int32", [6], [1, 0, 3, 2, 5, 4]));
  }),
  once("scan argmax float32 takes the last of ties, and stays at NaN", async (bench) => {
    const out = row("int32", [0, 0, 0, 0, 0]);
    const target = bench.place(out);
    bench.backend.scan("argmax", target, bench.place(row("float32", [1, 3, 3, Number.NaN, 9])), 0);
    await bench.expect(target, out, new HostArray("int32", [5], [0, 1, 2, 3, 3]));
  }),
  once("recurrence float32 does not read the first factor", async (bench) => {
    const out = row("float32", [0, 0, 0]);
    const target = bench.place(out);
    const a = row("float32", [Number.NaN, 0.5, 0.5]);
    bench.backend.recurrence(target, bench.place(a), bench.place(row("float32", [4, 1, 0])), 0);
    await bench.expect(target, out, new HostArray("float32", [3], [4, 3, 1.5]));
  }),
];

/** Cases of `scan`, `recurrence` and `argsort`. */
export const scanCases: readonly ConformanceCase[] = [
  ...generalCases,
  ...recurrenceCases,
  ...sortCases,
  ...special,
];

/**
 * `gather`, `scatter` and `scatterAdd`: positions of all kinds, repeated ones, smaller index arrays, positions
 * outside.
 */
import fc from "fast-check";
import { type DType, dtypes, isFloat } from "../../dtype.ts";
import { IndexError, NeedleError } from "../../errors.ts";
import { moderateValues, shapes, views } from "../arbitraries.ts";
import { type Allowance, rounded } from "../close.ts";
import { HostArray, type HostView, hostGather, hostScatter, hostScatterAdd } from "../host.ts";
import { type ConformanceCase, forAll, once } from "./case.ts";
import { epsilon } from "./reduce.ts";

interface Picked {
  readonly axis: number;
  /** What is picked from or added to. */
  readonly long: HostView;
  readonly index: HostView;
  /** Of the index's shape: what is added, or what the picked elements overwrite. */
  readonly short: HostView;
}

/**
 * An array, an axis of it, and positions along that axis for an index array no larger on the other
 * axes.
 */
function picks(dtype: DType, output: "long" | "short"): fc.Arbitrary<Picked> {
  const elements = { values: moderateValues(dtype) };
  return fc
    .tuple(shapes({ minRank: 1, maxRank: 4, maxSize: 60 }), fc.nat(), fc.nat(5), fc.nat(3))
    .chain(([shape, seed, count, cut]) => {
      const axis = seed % shape.length;
      const length = shape[axis]!;
      // Along other axes the index may be shorter than the array; along an empty axis there is
      // nothing to name.
      const smaller = shape.map((size, other) =>
        other === (axis + 1) % shape.length ? Math.max(size - cut, Math.min(size, 1)) : size,
      );
      const indexShape = smaller.with(axis, length === 0 ? 0 : count);
      const positions = fc.integer({ min: 0, max: Math.max(length - 1, 0) });
      return fc.record({
        axis: fc.constant(axis),
        long: views(dtype, shape, { ...elements, stretch: output === "short" }),
        index: views("int32", indexShape, { values: positions }),
        short: views(dtype, indexShape, { ...elements, stretch: output === "long" }),
      });
    });
}

const gatherCases: ConformanceCase[] = dtypes.map((dtype) =>
  forAll(`gather ${dtype}`, picks(dtype, "short"), (bench, { axis, long, index, short }) => {
    const target = bench.place(short);
    bench.backend.gather(target, bench.place(long), bench.place(index), axis);
    const expected = hostGather(HostArray.of(long), HostArray.of(index), axis);
    return bench.expect(target, short, expected, { zeroSign: true });
  }),
);

const writeCases: ConformanceCase[] = dtypes.map((dtype) =>
  forAll(`scatter ${dtype}`, picks(dtype, "long"), (bench, { axis, long, index, short }) => {
    const target = bench.place(long);
    bench.backend.scatter(target, bench.place(index), bench.place(short), axis);
    const [out, positions, x] = [HostArray.of(long), HostArray.of(index), HostArray.of(short)];
    return bench.expect(target, long, hostScatter(out, positions, x, axis), { zeroSign: true });
  }),
);

/** What adding in any order can lose: a spacing of the sum of absolute values for each addition. */
function lossOf(out: HostArray, index: HostArray, x: HostArray, axis: number): Allowance {
  if (!isFloat(out.dtype)) return rounded;
  const sizes = hostScatterAdd(out.map(Math.abs), index, x.map(Math.abs), axis).values;
  return (_, i) => (index.shape[axis]! + 1) * epsilon(out.dtype) * sizes[i]!;
}

const scatterCases: ConformanceCase[] = dtypes.map((dtype) =>
  forAll(`scatterAdd ${dtype}`, picks(dtype, "long"), (bench, { axis, long, index, short }) => {
    const target = bench.place(long);
    bench.backend.scatterAdd(target, bench.place(index), bench.place(short), axis);
    const [out, positions, x] = [HostArray.of(long), HostArray.of(index), HostArray.of(short)];
    const expected = hostScatterAdd(out, positions, x, axis);
    return bench.expect(target, long, expected, { allowed: lossOf(out, positions, x, axis) });
  }),
);

function vector(dtype: DType, data: readonly number[]): HostView {
  return { dtype, data, shape: [data.length], strides: [1], offset: 0 };
}

function throwsIndexError(call: () => void, what: string): void {
  try {
    call();
  } catch (error) {
    if (error instanceof IndexError) return;
    throw new NeedleError(what, `threw ${String(error)} instead of an IndexError`);
  }
  throw new NeedleError(what, "did not throw an IndexError");
}

const errorCases: ConformanceCase[] = [3, -1, 2 ** 31 - 1, -(2 ** 31)].flatMap((position) => [
  once(`gather refuses position ${position} of an axis of length 3`, (bench) => {
    const [out, x] = [vector("float32", [0, 0]), vector("float32", [1, 2, 3])];
    const index = vector("int32", [0, position]);
    throwsIndexError(
      () => bench.backend.gather(bench.place(out), bench.place(x), bench.place(index), 0),
      `gather at ${position}`,
    );
  }),
  once(`scatter refuses position ${position} of an axis of length 3`, (bench) => {
    const [out, x] = [vector("float32", [1, 2, 3]), vector("float32", [0, 0])];
    const index = vector("int32", [0, position]);
    throwsIndexError(
      () => bench.backend.scatter(bench.place(out), bench.place(index), bench.place(x), 0),
      `scatter at ${position}`,
    );
  }),
  once(`scatterAdd refuses position ${position} of an axis of length 3`, (bench) => {
    const [out, x] = [vector("float32", [1, 2, 3]), vector("float32", [0, 0])];
    const index = vector("int32", [0, position]);
    throwsIndexError(
      () => bench.backend.scatterAdd(bench.place(out), bench.place(index), bench.place(x), 0),
      `scatterAdd at ${position}`,
    );
  }),
]);

const overwritten: ConformanceCase = once(
  "scatter keeps the last of repeated positions",
  async (bench) => {
    const out = vector("float32", [10, 20, 30]);
    const target = bench.place(out);
    bench.backend.scatter(
      target,
      bench.place(vector("int32", [1, 1, 0, 1])),
      bench.place(vector("float32", [1, 2, 3, 4])),
      0,
    );
    await bench.expect(target, out, new HostArray("float32", [3], [3, 4, 30]));
  },
);

const repeated: ConformanceCase = once("scatterAdd adds up repeated positions", async (bench) => {
  const out = vector("float32", [10, 20, 30]);
  const target = bench.place(out);
  bench.backend.scatterAdd(
    target,
    bench.place(vector("int32", [1, 1, 1, 0])),
    bench.place(vector("float32", [1, 2, 3, 4])),
    0,
  );
  await bench.expect(target, out, new HostArray("float32", [3], [14, 26, 30]));
});

/** How rows are taken from a matrix: the index is stretched along them. */
const wholeRows: ConformanceCase = once(
  "gather float32 of whole rows, by an index of stride 0",
  (bench) => {
    const long: HostView = {
      ...vector("float32", [9, 1, 2, 3, 4, 5, 6, 9]),
      shape: [3, 2],
      strides: [2, 1],
      offset: 1,
    };
    const index: HostView = { ...vector("int32", [2, 0, 2, 1]), shape: [4, 2], strides: [1, 0] };
    const short: HostView = {
      ...vector("float32", [0, 0, 0, 0, 0, 0, 0, 0, 9]),
      shape: [4, 2],
      strides: [2, 1],
    };
    const target = bench.place(short);
    bench.backend.gather(target, bench.place(long), bench.place(index), 0);
    return bench.expect(target, short, new HostArray("float32", [4, 2], [5, 6, 1, 2, 5, 6, 3, 4]));
  },
);

/** Cases of `gather`, `scatter` and `scatterAdd`. */
export const indexingCases: readonly ConformanceCase[] = [
  ...gatherCases,
  wholeRows,
  ...writeCases,
  overwritten,
  ...scatterCases,
  repeated,
  ...errorCases,
];

/** Kernels that move values: upload and read, fill, copy with its conversions. */
import fc from "fast-check";
import { type DType, dtypes, isFloat, typedArray } from "../../dtype.ts";
import { NeedleError } from "../../errors.ts";
import { anyViews, moderateValues, shapes, values, views } from "../arbitraries.ts";
import { HostArray, type HostView, hostCast } from "../host.ts";
import { hold, isWhole } from "../host-values.ts";
import { type ConformanceCase, forAll, once } from "./case.ts";

function checkEqual(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  const at = expected.findIndex((value, i) => !Object.is(actual[i], value));
  if (actual.length === expected.length && at === -1) return;
  throw new NeedleError(
    what,
    `element ${at} of ${actual.length} is ${actual[at]}, expected ${expected[at]} of ${expected.length}`,
  );
}

const readCases: ConformanceCase[] = dtypes.flatMap((dtype) => [
  forAll(`upload and read ${dtype}`, anyViews(dtype), async (bench, x) => {
    const data = await bench.backend.read(bench.place(x));
    if (!(data instanceof typedArray(dtype, 0).constructor)) {
      throw new NeedleError("read", `${dtype} gave ${data.constructor.name}`);
    }
    checkEqual(data, HostArray.of(x).values, "read");
  }),
  forAll(`readSync ${dtype}, where there is one`, anyViews(dtype), (bench, x) => {
    if (bench.backend.readSync === undefined) return;
    checkEqual(bench.backend.readSync(bench.place(x)), HostArray.of(x).values, "readSync");
  }),
]);

const plain: HostView = {
  dtype: "float32",
  data: [1, 2, 3, 4],
  shape: [4],
  strides: [1],
  offset: 0,
};

const ownershipCases: ConformanceCase[] = [
  once("read gives a fresh array", async (bench) => {
    const x = bench.place(plain);
    (await bench.backend.read(x)).fill(9);
    bench.backend.readSync?.(x).fill(9);
    checkEqual(await bench.backend.read(x), plain.data, "read");
  }),
  once("upload copies the host's array", async (bench) => {
    const data = Float32Array.from(plain.data);
    const x = bench.place(plain);
    bench.backend.upload(x.buffer, "float32", data);
    data.fill(9);
    checkEqual(await bench.backend.read(x), plain.data, "upload");
  }),
  once("upload takes part of a larger host array", async (bench) => {
    const x = bench.place(plain);
    bench.backend.upload(x.buffer, "float32", Float32Array.of(0, 0, 5, 6, 7, 8, 0).subarray(2, 6));
    checkEqual(await bench.backend.read(x), [5, 6, 7, 8], "upload");
  }),
  once("buffers do not share memory, also after others were freed", async (bench) => {
    const { backend } = bench;
    const freed = Array.from({ length: 8 }, () => backend.alloc("float32", 4));
    const kept = bench.place(plain);
    for (const buffer of freed) backend.free(buffer);
    for (let i = 0; i < 8; i++) {
      const other = bench.place(plain);
      backend.fill(other, i);
    }
    checkEqual(await backend.read(kept), plain.data, "alloc");
  }),
];

/** Numbers with a fraction, around what an integer dtype holds and far beyond. */
function fractions(dtype: "uint8" | "int32"): fc.Arbitrary<number> {
  const moderate = moderateValues("float64");
  const scale = dtype === "uint8" ? 1 : 1000;
  return fc.oneof(
    moderate.map((x) => x * scale),
    moderate.map((x) => x * 2 ** 28),
  );
}

/** Numbers to fill with: integers cut the fraction and wrap around, anything but 0 is true. */
function fillValues(dtype: DType): fc.Arbitrary<number> {
  if (dtype === "bool") return fc.constantFrom(0, 1, 2, -1, 0.5, Number.NaN);
  if (isWhole(dtype)) return fc.oneof(values(dtype), fractions(dtype));
  return fc.oneof(values(dtype), fc.double());
}

const fillCases: ConformanceCase[] = dtypes.map((dtype) => {
  const sample = fc.record({ out: anyViews(dtype, { stretch: false }), value: fillValues(dtype) });
  return forAll(`fill ${dtype}`, sample, (bench, { out, value }) => {
    const target = bench.place(out);
    bench.backend.fill(target, value);
    return bench.expect(
      target,
      out,
      HostArray.of(out).map(() => hold(dtype, value)),
      { zeroSign: isFloat(dtype) },
    );
  });
});

/** Elements to convert: for integers, numbers with a fraction and beyond what they hold, too. */
function convertible(from: DType, to: DType): fc.Arbitrary<number> {
  if (!isFloat(from) || !isWhole(to)) return values(from);
  const round = from === "float32" ? Math.fround : (x: number): number => x;
  return fc.oneof(values(from), fillValues(to).map(round));
}

const copyCases: ConformanceCase[] = dtypes.flatMap((from) =>
  dtypes.map((to) => {
    const sample = shapes().chain((shape) =>
      fc.record({
        x: views(from, shape, { values: convertible(from, to) }),
        out: views(to, shape, { stretch: false }),
      }),
    );
    return forAll(`copy ${from} to ${to}`, sample, (bench, { x, out }) => {
      const target = bench.place(out);
      bench.backend.copy(target, bench.place(x));
      return bench.expect(target, out, hostCast(to, HostArray.of(x)), {
        zeroSign: isFloat(from) && isFloat(to),
      });
    });
  }),
);

/** Cases of `alloc`, `upload`, `read`, `readSync`, `fill` and `copy`. */
export const memoryCases: readonly ConformanceCase[] = [
  ...readCases,
  ...ownershipCases,
  ...fillCases,
  ...copyCases,
];

/**
 * Factorizations and triangular systems: what they give, multiplied together again, is what they
 * were given.
 */
import fc from "fast-check";
import type { Backend, View } from "../../backend.ts";
import type { TypedArray } from "../../dtype.ts";
import { LinAlgError, NeedleError } from "../../errors.ts";
import { rowMajorStrides, sizeOf } from "../../shape.ts";
import { views } from "../arbitraries.ts";
import { HostArray, type HostView } from "../host.ts";
import type { Workbench } from "../workbench.ts";
import { type ConformanceCase, forAll, once } from "./case.ts";

type Float = "float32" | "float64";
const floats: readonly Float[] = ["float32", "float64"];
const tolerance = { float32: 1e-4, float64: 1e-12 } as const;

/** Numbers from -1 to 1 with steps that float32 holds. */
const values = fc.integer({ min: -64, max: 64 }).map((n) => n / 64);

function matrices(dtype: Float, rows: number, columns: number): fc.Arbitrary<HostView> {
  return views(dtype, [2, rows, columns], { values });
}

function blank(dtype: Float | "int32", shape: readonly number[]): HostView {
  return {
    dtype,
    shape,
    data: new Array<number>(sizeOf(shape)).fill(0),
    strides: rowMajorStrides(shape),
    offset: 0,
  };
}

async function read(backend: Backend, view: View): Promise<(...index: number[]) => number> {
  const data: TypedArray = await backend.read(view);
  const strides = rowMajorStrides(view.shape);
  return (...index) => data[index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0)]!;
}

/** The matrix with `n` added along the diagonal, so that no pivot is small. */
function dominant(view: HostView, n: number): HostView {
  const x = HostArray.of(view);
  const heavy = HostArray.from(view.dtype, x.shape, (at) => x.at(at) + (at[1] === at[2] ? n : 0));
  return { ...blank(view.dtype as Float, x.shape), data: [...heavy.values] };
}

function near(what: string, got: number, expected: number, allowed: number): void {
  if (Math.abs(got - expected) <= allowed) return;
  throw new NeedleError(what, `is ${got}, expected ${expected}`);
}

/** Calls `check` for every element of two square matrices. */
function forElements(n: number, m: number, check: (b: number, i: number, j: number) => void): void {
  for (let b = 0; b < 2; b++) {
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) check(b, i, j);
  }
}

const sumTo = (n: number, term: (k: number) => number): number =>
  Array.from({ length: n }, (_, k) => term(k)).reduce((a, b) => a + b, 0);

const luCases = floats.map((dtype) =>
  forAll(`lu ${dtype}`, matrices(dtype, 4, 4), async (bench, x) => {
    const [out, order] = [
      bench.place(blank(dtype, [2, 4, 4])),
      bench.place(blank("int32", [2, 4])),
    ];
    bench.backend.lu(out, order, bench.place(x));
    const [lu, row] = [await read(bench.backend, out), await read(bench.backend, order)];
    const host = HostArray.of(x);
    forElements(4, 4, (b, i, j) => {
      const product = sumTo(Math.min(i, j) + 1, (k) => (k === i ? 1 : lu(b, i, k)) * lu(b, k, j));
      near(`lu [${b},${i},${j}]`, product, host.at([b, row(b, i), j]), tolerance[dtype]);
      if (i > j)
        near("a factor of lu", Math.min(1, Math.abs(lu(b, i, j))), Math.abs(lu(b, i, j)), 0);
    });
  }),
);

const choleskyCases = floats.map((dtype) =>
  forAll(`cholesky ${dtype}`, matrices(dtype, 4, 4), async (bench, x) => {
    const heavy = dominant(x, 5);
    const out = bench.place(blank(dtype, [2, 4, 4]));
    bench.backend.cholesky(out, bench.place(heavy));
    const l = await read(bench.backend, out);
    const host = HostArray.of(heavy);
    forElements(4, 4, (b, i, j) => {
      const product = sumTo(4, (k) => l(b, i, k) * l(b, j, k));
      near(
        `cholesky [${b},${i},${j}]`,
        product,
        host.at([b, Math.max(i, j), Math.min(i, j)]),
        tolerance[dtype],
      );
      if (j > i) near("the upper triangle of cholesky", l(b, i, j), 0, 0);
    });
  }),
);

const qrCases = floats.flatMap((dtype) =>
  [
    [5, 3],
    [3, 5],
  ].map(([m, n]) =>
    forAll(`qr ${dtype} [${m},${n}]`, matrices(dtype, m!, n!), async (bench, x) => {
      const q = bench.place(blank(dtype, [2, m!, 3]));
      const r = bench.place(blank(dtype, [2, 3, n!]));
      bench.backend.qr(q, r, bench.place(x));
      const [basis, triangle] = [await read(bench.backend, q), await read(bench.backend, r)];
      const host = HostArray.of(x);
      forElements(m!, n!, (b, i, j) => {
        const product = sumTo(3, (k) => basis(b, i, k) * triangle(b, k, j));
        near(`qr [${b},${i},${j}]`, product, host.at([b, i, j]), tolerance[dtype]);
      });
      forElements(3, 3, (b, i, j) => {
        const product = sumTo(m!, (k) => basis(b, k, i) * basis(b, k, j));
        near(`q^T q [${b},${i},${j}]`, product, Number(i === j), tolerance[dtype]);
        if (i > j) near("the lower triangle of r", triangle(b, i, j), 0, 0);
      });
    }),
  ),
);

function solveCase(dtype: Float, upper: boolean, unit: boolean): ConformanceCase {
  const name = `triangularSolve ${dtype} ${upper ? "upper" : "lower"}${unit ? " with ones" : ""}`;
  const systems = fc.tuple(matrices(dtype, 3, 3), matrices(dtype, 3, 2));
  return forAll(name, systems, async (bench, [a, b]) => {
    const heavy = dominant(a, 4);
    const out = bench.place(blank(dtype, [2, 3, 2]));
    bench.backend.triangularSolve(out, bench.place(heavy), bench.place(b), upper, unit);
    const x = await read(bench.backend, out);
    const [left, right] = [HostArray.of(heavy), HostArray.of(b)];
    forElements(3, 2, (batch, i, j) => {
      const product = sumTo(3, (k) => {
        if (k === i) return (unit ? 1 : left.at([batch, i, i])) * x(batch, i, j);
        return k > i === upper ? left.at([batch, i, k]) * x(batch, k, j) : 0;
      });
      near(`${name} [${batch},${i},${j}]`, product, right.at([batch, i, j]), 40 * tolerance[dtype]);
    });
  });
}

const triangularCases = floats.flatMap((dtype) =>
  [false, true].flatMap((upper) => [false, true].map((unit) => solveCase(dtype, upper, unit))),
);

function refuses(
  what: string,
  run: (bench: Workbench, out: View, zeros: View) => void,
): ConformanceCase {
  return once(`${what} refuses a matrix of zeros`, (bench) => {
    const [out, zeros] = [0, 1].map(() => bench.place(blank("float64", [1, 2, 2]))) as [View, View];
    try {
      run(bench, out, zeros);
    } catch (error) {
      if (error instanceof LinAlgError) return;
      throw error;
    }
    throw new NeedleError(what, "did not throw a LinAlgError");
  });
}

/** Cases of `lu`, `cholesky`, `qr` and `triangularSolve`. */
export const linalgCases: readonly ConformanceCase[] = [
  ...luCases,
  ...choleskyCases,
  ...qrCases,
  ...triangularCases,
  refuses("cholesky", ({ backend }, out, zeros) => backend.cholesky(out, zeros)),
  refuses("triangularSolve", ({ backend }, out, zeros) =>
    backend.triangularSolve(out, zeros, zeros, false, false),
  ),
];

/** The cases of linear algebra, by elimination and Gram and Schmidt on plain numbers. */
import type { Tensor } from "../../index.ts";
import type * as ops from "../../ops/linalg.ts";
import { type Case, differentiable, positive, turned, use, useViews } from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

/** A matrix whose diagonal outweighs the rest: x + 4. */
const heavy = (x: Tensor): Tensor => x.add(x.mul(0).add(4).tril().triu());

/** Symmetric and positive definite: x x^T + 4. */
const definite = (x: Tensor): Tensor => heavy(x.matmul(x.transpose()).mul(1));

const heavyGrid = (x: Grid): Grid =>
  build(x.shape, (i) => at(x, i) + (i.at(-1) === i.at(-2) ? 4 : 0));

const definiteGrid = (x: Grid): Grid =>
  heavyGrid(
    build(x.shape, (index) => {
      const [i, j] = index.slice(-2) as [number, number];
      const lead = index.slice(0, -2);
      let sum = 0;
      for (let k = 0; k < x.shape.at(-1)!; k++)
        sum += at(x, [...lead, i, k]) * at(x, [...lead, j, k]);
      return sum;
    }),
  );

type Rows = number[][];

const rowsOf = (x: Grid, lead: readonly number[] = []): Rows =>
  Array.from({ length: x.shape.at(-2)! }, (_, i) =>
    Array.from({ length: x.shape.at(-1)! }, (_, j) => at(x, [...lead, i, j])),
  );

/** By the rule of Laplace. */
function determinant(rows: Rows): number {
  if (rows.length === 0) return 1;
  return rows[0]!.reduce((sum, value, j) => {
    const minor = rows.slice(1).map((row) => row.toSpliced(j, 1));
    return sum + (j % 2 === 0 ? 1 : -1) * value * determinant(minor);
  }, 0);
}

/** By the rule of Cramer. */
function solved(a: Rows, b: readonly number[]): number[] {
  const whole = determinant(a);
  return b.map((_, j) => determinant(a.map((row, i) => row.with(j, b[i]!))) / whole);
}

function solutions(a: Grid, b: Grid): Grid {
  const columns = Array.from({ length: b.shape[1]! }, (_, j) =>
    solved(
      rowsOf(a),
      rowsOf(b).map((row) => row[j]!),
    ),
  );
  return build(b.shape, ([i, j]) => columns[j!]![i!]!);
}

const part = (x: Grid, keep: (i: number, j: number) => boolean): Grid =>
  build(x.shape, ([i, j]) => (keep(i!, j!) ? at(x, [i!, j!]) : 0));

function inverted(x: Grid): Grid {
  const n = x.shape.at(-1)!;
  return build(x.shape, (index) => {
    const unit = Array.from({ length: n }, (_, k) => Number(k === index.at(-1)));
    return solved(rowsOf(x, index.slice(0, -2)), unit)[index.at(-2)!]!;
  });
}

function lowerRoot(x: Grid): Grid {
  const a = rowsOf(x);
  const l: Rows = a.map((row) => row.map(() => 0));
  a.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= l[i]![k]! * l[j]![k]!;
      l[i]![j] = i === j ? Math.sqrt(sum) : sum / l[j]![j]!;
    }
  });
  return build(x.shape, ([i, j]) => l[i!]![j!]!);
}

/** The orthonormal columns of Gram and Schmidt; Householder's have the other sign here. */
function orthonormal(x: Grid): Grid {
  const columns: number[][] = [];
  for (let j = 0; j < Math.min(...x.shape); j++) {
    const own = rowsOf(x).map((row) => row[j]!);
    const rest = columns.reduce((v, q) => {
      const along = own.reduce((sum, value, i) => sum + value * q[i]!, 0);
      return v.map((value, i) => value - along * q[i]!);
    }, own);
    const norm = Math.hypot(...rest);
    columns.push(rest.map((value) => value / norm));
  }
  return build([x.shape[0]!, columns.length], ([i, j]) => columns[j!]![i!]!);
}

/** The projection on the columns of q, which does not depend on signs. */
function projection(x: Grid): Grid {
  const q = orthonormal(x);
  return build([x.shape[0]!, x.shape[0]!], ([i, j]) => {
    let sum = 0;
    for (let k = 0; k < q.shape[1]!; k++) sum += at(q, [i!, k]) * at(q, [j!, k]);
    return sum;
  });
}

function power(x: Grid, n: number): Grid {
  let result = build(x.shape, ([i, j]) => Number(i === j));
  for (let step = 0; step < n; step++) {
    const before = result;
    result = build(x.shape, ([i, j]) => {
      let sum = 0;
      for (let k = 0; k < x.shape[1]!; k++) sum += at(before, [i!, k]) * at(x, [k, j!]);
      return sum;
    });
  }
  return result;
}

/** The cases of linear algebra. */
export const linalgCases: Record<keyof typeof ops, Case> = {
  solve: differentiable((draw) => [
    use(
      "[3,3] and [3,2]",
      [draw([3, 3]), draw([3, 2])],
      (a, b) => heavy(a).solve(b),
      (a, b) => solutions(heavyGrid(a), b),
    ),
    use(
      "[3,3] and [3]",
      [draw([3, 3]), draw([3])],
      (a, b) => heavy(a).solve(b),
      (a, b) => build([3], ([i]) => solved(rowsOf(heavyGrid(a)), b.values)[i!]!),
    ),
    use(
      "[2,2,2] and [2,1], stretched",
      [draw([2, 2, 2]), draw([2, 1])],
      (a, b) => heavy(a).solve(b),
      (a, b) => build([2, 2, 1], ([n, i]) => solved(rowsOf(heavyGrid(a), [n!]), b.values)[i!]!),
    ),
    useViews(
      "turned views",
      [draw([2, 2]), draw([2, 2])],
      [turned, turned],
      (a, b) => heavy(a).solve(b),
      (a, b) => solutions(heavyGrid(a), b),
    ),
  ]),
  triangularSolve: differentiable((draw) => [
    use(
      "lower",
      [draw([3, 3]), draw([3, 2])],
      (a, b) => heavy(a).triangularSolve(b),
      (a, b) =>
        solutions(
          part(heavyGrid(a), (i, j) => i >= j),
          b,
        ),
    ),
    use(
      "upper",
      [draw([3, 3]), draw([3, 2])],
      (a, b) => heavy(a).triangularSolve(b, { upper: true }),
      (a, b) =>
        solutions(
          part(heavyGrid(a), (i, j) => i <= j),
          b,
        ),
    ),
    use(
      "lower with ones",
      [draw([2, 2]), draw([2, 2])],
      (a, b) => a.triangularSolve(b, { unitriangular: true }),
      (a, b) =>
        solutions(
          build(a.shape, ([i, j]) => (i === j ? 1 : i! > j! ? at(a, [i!, j!]) : 0)),
          b,
        ),
    ),
  ]),
  inverse: differentiable((draw) => [
    use(
      "[3,3]",
      [draw([3, 3])],
      (x) => heavy(x).inverse(),
      (x) => inverted(heavyGrid(x)),
    ),
    use(
      "[2,2,2]",
      [draw([2, 2, 2])],
      (x) => heavy(x).inverse(),
      (x) => inverted(heavyGrid(x)),
    ),
  ]),
  det: differentiable((draw) => [
    use(
      "[3,3]",
      [draw([3, 3])],
      (x) => x.det(),
      (x) => build([], () => determinant(rowsOf(x))),
    ),
    use(
      "[2,2,2]",
      [draw([2, 2, 2])],
      (x) => x.det(),
      (x) => build([2], ([n]) => determinant(rowsOf(x, [n!]))),
    ),
    use(
      "[0,0]",
      [draw([0, 0])],
      (x) => x.det(),
      () => build([], () => 1),
    ),
  ]),
  slogdet: differentiable((draw) => [
    use(
      "the logarithm of [3,3]",
      [draw([3, 3])],
      (x) => x.slogdet().logabsdet,
      (x) => build([], () => Math.log(Math.abs(determinant(rowsOf(x))))),
    ),
    use(
      "both of [2,2,2]",
      [draw([2, 2, 2])],
      (x) => x.slogdet().logabsdet.mul(x.slogdet().sign),
      (x) =>
        build([2], ([n]) => {
          const value = determinant(rowsOf(x, [n!]));
          return Math.sign(value) * Math.log(Math.abs(value));
        }),
    ),
  ]),
  cholesky: differentiable((draw) => [
    use(
      "[3,3]",
      [draw([3, 3])],
      (x) => definite(x).cholesky(),
      (x) => lowerRoot(definiteGrid(x)),
    ),
    use(
      "[1,1]",
      [draw([1, 1], positive)],
      (x) => x.cholesky(),
      (x) => build([1, 1], () => Math.sqrt(x.values[0]!)),
    ),
  ]),
  qr: differentiable((draw) => [
    use(
      "the projection of [4,2]",
      [draw([4, 2])],
      (x) => x.qr().q.matmul(x.qr().q.transpose()),
      projection,
    ),
    use(
      "both of [3,3] multiplied",
      [draw([3, 3])],
      (x) => {
        const { q, r } = heavy(x).qr();
        return q.matmul(r);
      },
      heavyGrid,
    ),
    use(
      "both of [2,4], the squares of r",
      [draw([2, 4])],
      (x) => x.qr().r.square(),
      (x) => {
        const q = orthonormal(x);
        return build([2, 4], ([k, j]) => {
          const along = at(q, [0, k!]) * at(x, [0, j!]) + at(q, [1, k!]) * at(x, [1, j!]);
          return k! > j! ? 0 : along ** 2;
        });
      },
    ),
    use(
      "q of [3,2], squared",
      [draw([3, 2])],
      (x) => x.qr().q.square(),
      (x) => {
        const q = orthonormal(x);
        return build([3, 2], (i) => at(q, i) ** 2);
      },
    ),
  ]),
  matrixPower: differentiable((draw) => [
    use(
      "[2,2] to the third",
      [draw([2, 2])],
      (x) => x.matrixPower(3),
      (x) => power(x, 3),
    ),
    use(
      "[2,2] to the first",
      [draw([2, 2])],
      (x) => x.matrixPower(1),
      (x) => x,
    ),
    use(
      "[2,2] to -2",
      [draw([2, 2])],
      (x) => heavy(x).matrixPower(-2),
      (x) => power(inverted(heavyGrid(x)), 2),
    ),
  ]),
};

// Compares ops with what PyTorch gave for the same inputs: values, gradients, gradients of gradients
// and, by the sum of products that both modes must agree on, tangents. The numbers stand in JSON
// files made with PyTorch; each tensor is a string of its dtype, shape and elements.

import { readFileSync } from "node:fs";
import { type DType, fromTypedArray } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { gradients, jvp, Tensor, zerosLike } from "../index.ts";

/** Tensors by the names of parameters. */
export type Named = Readonly<Record<string, Tensor>>;

interface Row {
  readonly name: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly value: string;
  /** Those of the sum of `value[i] * weight(i, 3)`. */
  readonly gradients?: Readonly<Record<string, string>>;
  /** The gradients of the sum of `gradient[i] * weight(i, 5)` over all inputs. */
  readonly second?: Readonly<Record<string, string>>;
}

interface File {
  readonly source: string;
  readonly cases: Readonly<Record<string, readonly Row[]>>;
}

/** What to run, by op and by case. */
export type Runs = Readonly<Record<string, Readonly<Record<string, (inputs: Named) => Tensor>>>>;

/** A test for each case of a file; each must have something to run, and each run a case. */
export function compareWithTorch(file: string, runs: Runs): void {
  const url = new URL(`./${file}.fixture.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, "utf8")) as File;
  test("every op and case of PyTorch's is run", () => {
    const names = (of: Readonly<Record<string, readonly string[]>>): string[] =>
      Object.entries(of).flatMap(([op, rows]) => rows.map((row) => `${op}: ${row}`));
    const map = <A, B>(x: Readonly<Record<string, A>>, f: (a: A) => B): Record<string, B> =>
      Object.fromEntries(Object.entries(x).map(([key, value]) => [key, f(value)]));
    const known = names(map(cases, (rows) => rows.map((row) => row.name)));
    expect(names(map(runs, Object.keys)).sort()).toEqual(known.sort());
  });
  describe.each(Object.entries(cases))("%s", (op, rows) => {
    test.each(rows.map((row) => [row.name, row] as const))("%s", (name, row) => {
      compare(row, runs[op]![name]!);
    });
  });
}

const close = { rtol: 1e-10, atol: 1e-12 };

function compare(row: Row, run: (inputs: Named) => Tensor): void {
  const wanted = Object.keys(row.gradients ?? {});
  const inputs = parsed(row.inputs, wanted);
  const y = run(inputs);
  const value = parse(row.value);
  expect([y.shape, y.dtype]).toEqual([value.shape, value.dtype]);
  assertClose(y.value, value.value, close);
  if (row.gradients === undefined) return;

  const leaves = wanted.map((name) => inputs[name]!);
  const found = gradients([weigh(y, 3)], leaves, { createGraph: true });
  found.forEach((g, i) => {
    assertClose(g.value, parse(row.gradients![wanted[i]!]!).value, close);
  });
  if (Number.isFinite(weigh(y, 3).item())) compareForward(inputs, wanted, run, found);
  if (row.second === undefined) return;
  const total = found.map((g) => weigh(g, 5)).reduce((a, b) => a.add(b));
  const second = total.requiresGrad ? gradients([total], leaves) : leaves.map((x) => zerosLike(x));
  second.forEach((g, i) => {
    assertClose(g.value, parse(row.second![wanted[i]!]!).value, close);
  });
}

/** The weighted tangents of the value along w(i, 5) are the gradients' sum of products with it. */
function compareForward(
  inputs: Named,
  wanted: readonly string[],
  run: (inputs: Named) => Tensor,
  found: readonly Tensor[],
): void {
  const expected = found.map((g) => weigh(g, 5)).reduce((a, b) => a.add(b));
  if (!Number.isFinite(expected.item())) return;
  const along = (...xs: Tensor[]): Tensor =>
    weigh(run({ ...inputs, ...Object.fromEntries(wanted.map((name, i) => [name, xs[i]!])) }), 3);
  const primals = wanted.map((name) => inputs[name]!.detach());
  const tangents = primals.map((x) => weights(x, 5));
  assertClose(jvp(along, primals, tangents)[1].value, expected.value, close);
}

function weights(x: Tensor, k: number): Tensor {
  const values = Float64Array.from({ length: x.size }, (_, i) => (((i * k) % 7) - 2) / 2);
  return new Tensor(fromTypedArray<DType>(values, x.shape));
}

function weigh(x: Tensor, k: number): Tensor {
  return x.mul(weights(x, k)).sum();
}

function parsed(texts: Readonly<Record<string, string>>, leaves: readonly string[]): Named {
  const tensors = Object.entries(texts).map(([name, text]) => {
    return [name, new Tensor(parse(text).value, { requiresGrad: leaves.includes(name) })] as const;
  });
  return Object.fromEntries(tensors);
}

/** `float64 [2] 0.5 NaN` */
function parse(text: string): Tensor {
  const [dtype, shape, ...elements] = text.split(" ");
  const sizes = JSON.parse(shape!) as number[];
  const values = Float64Array.from(elements, Number);
  return new Tensor(fromTypedArray<DType>(values, sizes, { dtype: dtype as DType }));
}

// Values and gradients at ties, limits and infinities, compared with what PyTorch gave for the same
// inputs.

import { readFileSync } from "node:fs";
import type { NestedNumbers } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import * as ag from "../index.ts";
import { gradients, type Tensor, tensor } from "../index.ts";

/** Infinities and NaN stand by name. */
type Nested = number | string | Nested[];

interface Row {
  readonly expression: keyof typeof expressions;
  readonly inputs: readonly Nested[];
  /** The adjoint of the value; ones unless given. */
  readonly seed?: Nested;
  readonly value: Nested;
  readonly gradients: readonly Nested[];
}

const c = tensor([true, false, true]);

const expressions = {
  "maximum(a, b)": (a: Tensor, b: Tensor) => a.maximum(b),
  "minimum(a, b)": (a: Tensor, b: Tensor) => a.minimum(b),
  "max(x)": (x: Tensor) => x.max(),
  "max(x, 0)": (x: Tensor) => x.max(0),
  "max(x, [0, 1])": (x: Tensor) => x.max([0, 1]),
  "min(x)": (x: Tensor) => x.min(),
  "min(x, 0)": (x: Tensor) => x.min(0),
  "min(x, [0, 1])": (x: Tensor) => x.min([0, 1]),
  "relu(x)": ag.relu,
  "abs(x)": ag.abs,
  "sign(x)": ag.sign,
  "sqrt(x)": ag.sqrt,
  "log(x)": ag.log,
  "log1p(x)": ag.log1p,
  "reciprocal(x)": ag.reciprocal,
  "rsqrt(x)": ag.rsqrt,
  "div(a, b)": ag.div,
  "exp(x)": ag.exp,
  "tanh(x)": ag.tanh,
  "sigmoid(x)": ag.sigmoid,
  "pow(x, 0)": (x: Tensor) => x.pow(0),
  "pow(x, 0.5)": (x: Tensor) => x.pow(0.5),
  "pow(x, 1)": (x: Tensor) => x.pow(1),
  "pow(x, 2)": (x: Tensor) => x.pow(2),
  "pow(x, 3)": (x: Tensor) => x.pow(3),
  "pow(x, -1.5)": (x: Tensor) => x.pow(-1.5),
  "pow(x, -1)": (x: Tensor) => x.pow(-1),
  "pow(a, b)": ag.pow,
  "pow(0, x)": (x: Tensor) => ag.pow(0, x),
  "pow(1, x)": (x: Tensor) => ag.pow(1, x),
  "pow(2, x)": (x: Tensor) => ag.pow(2, x),
  "clamp(x, -1, 2)": (x: Tensor) => x.clamp(-1, 2),
  "clamp(x, 0, null)": (x: Tensor) => x.clamp(0, null),
  "clamp(x, null, 0)": (x: Tensor) => x.clamp(null, 0),
  "softmax(x)": (x: Tensor) => x.softmax(),
  "logSoftmax(x)": (x: Tensor) => x.logSoftmax(),
  "logsumexp(x, 1)": (x: Tensor) => x.logsumexp(1),
  "where(c, a, b)": (a: Tensor, b: Tensor) => c.where(a, b),
  "where(c, a, log(b))": (a: Tensor, b: Tensor) => c.where(a, b.log()),
  "sum(x)": (x: Tensor) => x.sum(),
  "sum(x, 0)": (x: Tensor) => x.sum(0),
  "sum(x, 1)": (x: Tensor) => x.sum(1),
  "mean(x)": (x: Tensor) => x.mean(),
  "mean(x, 1)": (x: Tensor) => x.mean(1),
  "matmul(a, b)": ag.matmul,
  "round(x)": (x: Tensor) => x.round(),
  "trunc(x)": ag.trunc,
} satisfies Record<string, (...inputs: Tensor[]) => Tensor>;

const fixture = new URL("./edges.fixture.json", import.meta.url);
const { source, rows } = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly source: string;
  readonly rows: readonly Row[];
};

function numbers(nested: Nested): NestedNumbers {
  return Array.isArray(nested) ? nested.map(numbers) : Number(nested);
}

function float64(nested: Nested, requiresGrad = false): Tensor {
  return tensor(numbers(nested), { dtype: "float64", requiresGrad });
}

describe(`as ${source} has them`, () => {
  const named = rows.map((row) => [row.expression, JSON.stringify(row.inputs), row] as const);

  test.each(named)("are the value and gradients of %s at %s", (expression, _, row) => {
    const inputs = row.inputs.map((x) => float64(x, true));
    const f: (...xs: Tensor[]) => Tensor = expressions[expression];
    const y = f(...inputs);
    const seeds = row.seed === undefined ? undefined : [float64(row.seed)];
    assertClose(y.value, numbers(row.value), { rtol: 1e-14, atol: 1e-14 });
    gradients([y], inputs, { seeds }).forEach((gradient, i) => {
      assertClose(gradient.value, numbers(row.gradients[i]!), { rtol: 1e-14, atol: 1e-14 });
    });
  });

  test("are told for every expression of the table", () => {
    expect(new Set(rows.map((row) => row.expression))).toEqual(new Set(Object.keys(expressions)));
  });
});

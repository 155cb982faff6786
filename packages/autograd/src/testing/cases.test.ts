import { fromTypedArray } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { gradients, Tensor } from "../index.ts";
import { cases, gradcheck, samplesOf } from "./index.ts";

describe.each(Object.entries(cases))("%s", (_name, entry) => {
  const samples = samplesOf(entry);
  const uses = samples.map((sample) => [sample.about, sample] as const);

  test.each(uses)("of %s has the value of its formula", (_about, { inputs, run, expected }) => {
    const y = run(...inputs);
    const formula = fromTypedArray(Float64Array.from(expected.values), expected.shape);
    assertClose(y.value, formula, { rtol: 1e-13, atol: 1e-13 });
    expect(y.dtype).toBe(entry.gives ?? "float64");
  });

  if (!entry.differentiable) {
    test.each(uses)("of %s is a constant", (_about, { inputs, run }) => {
      const xs = inputs.map((x) => new Tensor(x.value, { requiresGrad: x.dtype === "float64" }));
      expect(run(...xs).requiresGrad).toBe(false);
    });
    return;
  }

  test.each(uses)("of %s has right derivatives", (_about, { inputs, run, options }) => {
    gradcheck(run, inputs, options);
  });

  test("has gradients in float32 from inputs in float32", () => {
    for (const { inputs, run } of samples) {
      const xs = inputs.map((x) => (x.dtype === "float64" ? asLeaf(x) : x));
      const leaves = xs.filter((x) => x.requiresGrad);
      const dtypes = gradients([run(...xs)], leaves).map((gradient) => gradient.dtype);
      expect(dtypes).toEqual(leaves.map(() => "float32"));
    }
  });
});

function asLeaf(x: Tensor): Tensor {
  return new Tensor(x.value.astype("float32"), { requiresGrad: true });
}

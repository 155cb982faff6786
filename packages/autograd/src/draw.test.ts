import * as nd from "@needle/ndarray";
import { NumpyGenerator, Philox } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import * as ag from "./index.ts";
import { type Tensor, tensor } from "./index.ts";

const p = tensor([0.2, 0.9], { requiresGrad: true });
const options = (): nd.RandomOptions => ({ generator: new Philox(9) });

describe("draws of tensors are those of arrays, and constants", () => {
  const pairs: Record<string, [Tensor, nd.NDArray]> = {
    uniform: [ag.uniform(0, p, [3, 2], options()), nd.uniform(0, p.value, [3, 2], options())],
    normal: [ag.normal(p, 2, [3, 2], options()), nd.normal(p.value, 2, [3, 2], options())],
    truncatedNormal: [
      ag.truncatedNormal(0, p, undefined, { ...options(), high: 0.1 }),
      nd.truncatedNormal(0, p.value, undefined, { ...options(), high: 0.1 }),
    ],
    bernoulli: [ag.bernoulli(p, [5, 2], options()), nd.bernoulli(p.value, [5, 2], options())],
    exponential: [ag.exponential(p, [2], options()), nd.exponential(p.value, [2], options())],
    gamma: [ag.gamma(p, 3, [2], options()), nd.gamma(p.value, 3, [2], options())],
    beta: [ag.beta(p, 3, [2], options()), nd.beta(p.value, 3, [2], options())],
    poisson: [ag.poisson(p, [9, 2], options()), nd.poisson(p.value, [9, 2], options())],
    binomial: [ag.binomial(9, p, [9, 2], options()), nd.binomial(9, p.value, [9, 2], options())],
    choice: [
      ag.choice(p, [4], { ...options(), probabilities: tensor([0.5, 0.5]) }),
      nd.choice(p.value, [4], { ...options(), probabilities: [0.5, 0.5] }),
    ],
    categorical: [
      ag.categorical({ probabilities: p }, [20], options()),
      nd.categorical({ probabilities: p.value }, [20], options()),
    ],
    permutation: [ag.permutation(5, options()), nd.permutation(5, options())],
  };

  test.each(Object.entries(pairs))("%s", (_name, [found, wanted]) => {
    expect(found.toArray()).toEqual(wanted.toArray());
    expect(found.dtype).toBe(wanted.dtype);
    expect(found.requiresGrad).toBe(false);
  });

  test("with NumPy's numbers where asked", () => {
    const generator = new NumpyGenerator(0);
    assertClose(ag.uniform(0, 1, [2], { generator }).value, [0.5488135, 0.71518934]);
  });
});

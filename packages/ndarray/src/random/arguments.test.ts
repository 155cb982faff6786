/** What random functions say of wrong arguments: each in its own name, before anything is drawn. */
import { describe, expect, test } from "vitest";
import * as nd from "../index.ts";

const { array, Philox } = nd;
// biome-ignore lint/suspicious/noExplicitAny: the arguments are wrong on purpose.
type Wrong = any;

const known = "Known are dtype, backend, generator";
const cases: Record<string, [call: (wrong: Wrong) => unknown, wrong: Wrong, message: string][]> = {
  rand: [
    [(x) => nd.rand(x), [-1], "rand: "],
    [(x) => nd.rand(x), "ab", "rand: "],
    [(x) => nd.rand([2], x), null, `rand: options are an object, got null\n${known}, low, high.`],
    [
      (x) => nd.rand([2], { hgih: x } as Wrong),
      3,
      `rand: there is no option "hgih", did you mean "high"?\n${known}, low, high.`,
    ],
    [(x) => nd.rand([2], { low: x }), "a", 'rand: low must be a number, got "a"'],
    [(x) => nd.rand([2], { dtype: x }), "int32", 'rand: dtype must be "float32" or "float64"'],
    [(x) => nd.rand([2], { generator: x }), 7, "rand: generator must be a generator, got 7"],
  ],
  randn: [
    [(x) => nd.randn(x), [2.5], "randn: "],
    [(x) => nd.randn([2], { std: x }), null, "randn: std must be a number, got null"],
  ],
  randint: [
    [(x) => nd.randint(0, x, [2]), 0.5, "randint: "],
    [(x) => nd.randint(0, 2, x), [-1], "randint: "],
    [(x) => nd.randint(0, 2, [2], x), 1, "randint: options are an object, got 1"],
  ],
  randb: [[(x) => nd.randb([2], x), "half", 'randb: p must be a number, got "half"']],
  dropoutMask: [
    [(x) => nd.dropoutMask([2], x), 1, "dropoutMask: p must be from 0 to below 1, got 1"],
    [(x) => nd.dropoutMask(x), [-2], "dropoutMask: "],
  ],
  permutation: [
    [(x) => nd.permutation(x), -1, "permutation: expected a whole number"],
    [(x) => nd.permutation(3, x), null, "permutation: options are an object, got null"],
  ],
  uniform: [
    [(x) => nd.uniform(0, x), "a", 'uniform: high must be finite, got "a"'],
    [(x) => nd.uniform(0, 1, [2], x), null, "uniform: options are an object, got null"],
  ],
  normal: [[(x) => nd.normal(0, x), -1, "normal: std must be finite and at least 0, got -1"]],
  truncatedNormal: [
    [
      (x) => nd.truncatedNormal(0, 1, [2], { low: x }),
      "a",
      "truncatedNormal: low must be a number",
    ],
    [
      (x) => nd.truncatedNormal(0, 1, [2], { low: x }),
      3,
      "truncatedNormal: low must be below high",
    ],
  ],
  bernoulli: [[(x) => nd.bernoulli(x), 2, "bernoulli: p must be from 0 to 1, got 2"]],
  exponential: [[(x) => nd.exponential(x), Symbol("s"), "exponential: scale must be finite"]],
  gamma: [[(x) => nd.gamma(x, 1), undefined, "gamma: concentration must be finite"]],
  beta: [[(x) => nd.beta(1, x), 0, "beta: b must be finite and above 0, got 0"]],
  poisson: [[(x) => nd.poisson(1, x), "ab", "poisson: "]],
  binomial: [[(x) => nd.binomial(x, 0.5), 1.5, "binomial: n must be a whole number"]],
  choice: [
    [(x) => nd.choice(5, 2, { replace: x }), 1, "choice: replace must be true or false, got 1"],
    [(x) => nd.choice(x), "five", "choice: "],
  ],
  categorical: [
    [
      (x) => nd.categorical(x),
      null,
      "categorical: takes { logits } or { probabilities }, got null",
    ],
    [(x) => nd.categorical(x), array([1]), "categorical: takes { logits } or { probabilities }"],
    [(x) => nd.categorical({ logits: x }), [1], "categorical: logits must be an array, got [1]"],
  ],
};

for (const [name, calls] of Object.entries(cases)) {
  describe(name, () => {
    for (const [call, wrong, message] of calls) {
      test(`${String(call)} of ${nd.isNDArray(wrong) ? "an array" : String(wrong)}`, () => {
        const next = nd.peekRandom(() => nd.rand([1]).item());
        let said = "nothing";
        try {
          call(wrong);
        } catch (error) {
          expect(error).toBeInstanceOf(nd.NeedleError);
          said = (error as Error).message;
        }
        expect(said.slice(0, message.length)).toBe(message);
        // Nothing was drawn.
        expect(nd.rand([1]).item()).toBe(next);
      });
    }
  });
}

test("a generator of one's own is one", () => {
  expect(nd.rand([2], { generator: new Philox(1), dtype: "float64" }).dtype).toBe("float64");
});

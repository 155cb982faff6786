/** What functions that are no ops, and functions of functions, say of wrong arguments. */
import { ArgumentError, manualSeed, scope, setDefaultBackend } from "@needle/ndarray";
import { expect, test } from "vitest";
import * as ag from "./index.ts";

// biome-ignore lint/suspicious/noExplicitAny: the arguments are wrong on purpose.
type Wrong = any;

const x = ag.tensor([1, 2]);
const square = (y: ag.Tensor): ag.Tensor => y.square().sum();

const cases: Record<string, [call: (wrong: Wrong) => unknown, wrong: Wrong, message: string]> = {
  grad: [(f) => (ag.grad as Wrong)(f), 3, "grad: f must be a function, got 3"],
  valueAndGrad: [
    (f) => (ag.valueAndGrad as Wrong)(f),
    null,
    "valueAndGrad: f must be a function, got null",
  ],
  vjp: [(f) => (ag.vjp as Wrong)(f, [x]), "f", 'vjp: f must be a function, got "f"'],
  "vjp without an array": [
    (inputs) => (ag.vjp as Wrong)(square, inputs),
    x,
    "vjp: takes the inputs of f in an array, got ",
  ],
  jvp: [(f) => (ag.jvp as Wrong)(f, [x], [x]), {}, "jvp: f must be a function, got {}"],
  linearize: [(f) => (ag.linearize as Wrong)(f, [x]), 1, "linearize: f must be a function, got 1"],
  jacobian: [(f) => (ag.jacobian as Wrong)(f, x), 1, "jacobian: f must be a function, got 1"],
  "jacobian's mode": [
    (mode) => ag.jacobian(square, x, { mode }),
    "backward",
    'jacobian: mode must be "forward" or "reverse", got "backward"',
  ],
  hessian: [(f) => (ag.hessian as Wrong)(f), 1, "hessian: f must be a function, got 1"],
  hvp: [(f) => (ag.hvp as Wrong)(f, x, x), 1, "hvp: f must be a function, got 1"],
  checkpoint: [
    (f) => (ag.checkpoint as Wrong)(f, x),
    1,
    "checkpoint: the first argument must be a function, got 1",
  ],
  evalShape: [
    (f) => (ag.evalShape as Wrong)(f, [2]),
    1,
    "evalShape: the first argument must be a function, got 1",
  ],
  noGrad: [(f) => ag.noGrad(f), 1, "noGrad: the argument must be a function, got 1"],
  enableGrad: [(f) => ag.enableGrad(f), 1, "enableGrad: the argument must be a function, got 1"],
  scope: [(f) => scope(f), undefined, "scope: the argument must be a function, got undefined"],
  visualize: [(y) => ag.visualize(y), 3, "visualize: takes a tensor or an array of such, got 3"],
  setDefaultBackend: [
    (backend) => setDefaultBackend(backend),
    "wasm",
    'setDefaultBackend: the argument must be a backend, got "wasm"',
  ],
  backward: [
    (seed) => ag.tensor([1, 2], { requiresGrad: true }).sum().backward(seed),
    3,
    "backward: the adjoint must be a tensor, got 3",
  ],
  zerosLike: [(y) => ag.zerosLike(y), null, "zerosLike: takes a tensor, got null"],
  onesLike: [(y) => ag.onesLike(y), "x", 'onesLike: takes a tensor, got "x"'],
  meshgrid: [(y) => ag.meshgrid(y), 3, "meshgrid: takes vectors in an array, got 3"],
  manualSeed: [(seed) => manualSeed(seed), "a", "manualSeed: "],
};

for (const [name, [call, wrong, message]] of Object.entries(cases)) {
  test(name, () => {
    let error: unknown;
    try {
      call(wrong);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message.slice(0, message.length)).toBe(message);
  });
}

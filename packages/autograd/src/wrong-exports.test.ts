/**
 * Every export that is no op meets every wrong argument with an error of its own. A new one gets a
 * line here.
 */
import * as nd from "@needle/ndarray";
import { callable, type Sweep, sweep } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import * as ag from "./index.ts";
import type * as ops from "./ops/index.ts";

const { array, memory, Philox, zeros } = nd;
const { tensor } = ag;
const { backend } = array([1]);
const x = tensor([1, 2], { requiresGrad: true });
const constant = tensor([1, 2]);
const at = { dtype: "float32", backend };
const made = { ...at, requiresGrad: true };
const generator = new Philox(1);
const drawn = { ...at, generator };

// biome-ignore lint/suspicious/noExplicitAny: the arguments are wrong on purpose.
type Any = any;

/** The dtype of what is drawn can be stated; it is int32 at most. */
const counted = { dtype: "int32", backend, generator };

/** A tree may hold no tensor; what the function makes of that is its own affair. */
const noTensors = { takes: /: (\{\}|\[\]|\[\[\]\]|\[\{\}\])$/ };

/** An op may have any name and any functions; what these make of no operands is their own affair. */
const anyName = /argument 0: "wrong"$|^name \("wrong"\)|\[a function(,a function)?\]$|: \[\]$/;

interface Case extends Sweep {
  /** The export, called with arguments in another way than as a function or a constructor. */
  readonly run?: (...args: Any[]) => unknown;
}

/** One right call. */
const called = (...args: unknown[]): Case => ({ calls: [args] });

/** A function of functions: what it gives is called, too. */
const applied = (transform: (...args: Any[]) => Any, count: number, ...args: unknown[]): Case => ({
  run: (...all) => transform(...all.slice(0, count))(...all.slice(count)),
  calls: [args],
});

const square = (y: ag.Tensor): ag.Tensor => y.square().sum();
const withAux = (y: ag.Tensor): [ag.Tensor, number] => [square(y), 1];
const forward = (y: nd.NDArray): nd.NDArray => nd.mul(y, 2);
const backward = (g: ag.Tensor): ag.Tensor => g.mul(2);

/** Any function may be called in the place of another. */
const anyFunction = /argument \d+: a function: |\(a function\) of argument \d+: /;

type Other = Exclude<keyof typeof ag, keyof typeof ops>;
/** Namespaces, kinds and classes of errors. */
type NoFunction = "AnomalyError" | "opOptions" | "tensorKind";

const cases: Record<Exclude<Other, NoFunction>, Case> = {
  Tensor: {
    ...called(zeros([2]), { requiresGrad: true, node: null }),
    // Only ops have nodes to pass.
    takes: /^node /,
  },
  arange: {
    ...called(0, 4, 1, made),
    // Whole numbers are int32 unless told, which have no gradient.
    takes: /dtype \(undefined\)/,
  },
  backward: called(square(x), tensor(1), { retainGraph: true, createGraph: false }),
  bernoulli: called(0.5, [2], drawn),
  beta: called(1, 2, [2], drawn),
  bilinear: {
    ...applied(ag.bilinear, 3, "bilinear", nd.outer, [backward, backward], x, x),
    takes: anyName,
  },
  binomial: called(3, 0.5, [2], counted),
  categorical: {
    calls: [
      [{ logits: constant }, [2], counted],
      [{ probabilities: constant }, [2], counted],
    ],
  },
  checkpoint: { ...called(square, x), ...noTensors },
  choice: called(3, [2], { replace: true, probabilities: [0.5, 0.25, 0.25], ...counted }),
  composite: {
    ...applied(
      ag.composite,
      2,
      "composite",
      {
        compose: ([y]: [ag.Tensor]) => y.mul(2),
        forward: ([y]: [nd.NDArray]) => forward(y),
        vjp: (_: number, g: ag.Tensor) => backward(g),
        savesOutput: false,
      },
      [x],
    ),
    takes: anyName,
  },
  concat: called([x, x], 0),
  constant: {
    ...applied(ag.constant, 1, forward, x),
    // It has no name of its own.
    takes: /of argument 1/,
  },
  customOp: {
    ...applied(
      ag.customOp,
      1,
      {
        name: "customOp",
        forward: ([y]: [nd.NDArray]) => forward(y),
        vjp: (g: ag.Tensor) => [backward(g)],
        jvp: ([t]: [ag.Tensor]) => t.mul(2),
        saves: "nothing",
        differentiable: "always",
      },
      [x],
    ),
    takes: anyName,
  },
  detectAnomaly: called(() => 0, { forward: true }),
  einsum: called("i,i->", x, x),
  elementwise: {
    ...applied(ag.elementwise, 4, "elementwise", forward, [backward], "nothing", x),
    // Numbers are operands, too.
    takes: new RegExp(`${anyName.source}|argument 4: (NaN|Infinity|[\\d.-]+)$`),
  },
  enableGrad: called(() => 0),
  evalShape: called((y: ag.Tensor) => y, [2]),
  exponential: called(1, [2], drawn),
  eye: called(2, 2, made),
  full: called([2], 1, made),
  gamma: called(1, 2, [2], drawn),
  general: {
    ...applied(
      ag.general,
      3,
      "general",
      forward,
      { saves: "nothing", vjp: backward, jvp: backward },
      x,
    ),
    takes: anyName,
  },
  grad: { ...applied(ag.grad, 2, withAux, { hasAux: true }, x), ...noTensors },
  gradients: called([square(x)], [x], {
    seeds: [tensor(1)],
    retainGraph: true,
    createGraph: false,
  }),
  hessian: { ...applied(ag.hessian, 1, square, x), ...noTensors },
  hvp: called(square, x, x, { mode: "forward" }),
  isRecording: called(),
  isTensor: called(),
  jacobian: { ...called(square, x, { mode: "reverse" }), ...noTensors },
  jointlyLinear: {
    ...applied(
      ag.jointlyLinear,
      3,
      "jointlyLinear",
      ([y]: [nd.NDArray]) => forward(y),
      (_: number, g: ag.Tensor) => backward(g),
      [x],
    ),
    takes: anyName,
  },
  jvp: called(square, [x], [x]),
  lazy: { ...applied(ag.lazy, 1, square, x), ...noTensors },
  leavesOf: called(x),
  linear: { ...applied(ag.linear, 3, "linear", forward, backward, x), takes: anyName },
  linearize: { ...called(square, [x]), ...noTensors },
  mapTree: called([x], (y: ag.Tensor) => y),
  maxPool2dWithIndices: called(ag.ones([1, 1, 4, 4]), 2, {
    stride: 2,
    padding: 0,
    dilation: 1,
    ceilMode: false,
    layout: "NCHW",
  }),
  meshgrid: called([x, x], { indexing: "ij" }),
  noGrad: called(() => 0),
  normal: called(0, 1, [2], drawn),
  ones: called([2], made),
  onesLike: called(x),
  permutation: called(3, counted),
  poisson: called(1, [2], counted),
  rand: called([2], { ...made, generator, low: 0, high: 1 }),
  randint: called(0, 3, [2], counted),
  randn: called([2], { ...made, generator, mean: 0, std: 1 }),
  stack: called([x, x], 0),
  tensor: {
    ...called([1, 2], made),
    // The values are looked at, and named, by `array`.
    takes: /of argument 0/,
  },
  truncatedNormal: called(0, 1, [2], { ...drawn, low: -1, high: 1 }),
  uniform: called(0, 1, [2], drawn),
  valueAndGrad: { ...applied(ag.valueAndGrad, 2, withAux, { hasAux: true }, x), ...noTensors },
  visualize: called(x, { names: [["x", x]], gradients: [x] }),
  vjp: { ...called(square, [x]), ...noTensors },
  zeros: called([2], made),
  zerosLike: called(x),
};

/** What exports give back, and methods that are no ops, by the names they have in errors. */
const functions: readonly (readonly [name: string, run: (...args: Any[]) => unknown, Sweep])[] = [
  ["vjp", ag.vjp(square, [x])[1], called(tensor(1))],
  ["linearize", ag.linearize(square, [x])[1], called(x)],
  ["assign", (source) => constant.assign(source), called(x)],
  ["replaceValue", (value) => constant.replaceValue(value), called(zeros([2]))],
  ["registerHook", (hook) => x.registerHook(hook), called(() => {})],
  [
    "registerPostAccumulateGradHook",
    (hook) => x.registerPostAccumulateGradHook(hook),
    called(() => {}),
  ],
];

const exported: Record<string, unknown> = { ...ag };

const runs = [
  ...Object.entries(cases).map(
    ([name, { run, ...calls }]) => [name, run ?? callable(exported[name]), calls] as const,
  ),
  ...functions,
];

describe.each(runs)("%s", (name, run, calls) => {
  test("refuses what it does not take before it allocates", async () => {
    const complaints = await sweep(name, run, calls, () => memory().allocatedBytes);
    const left = complaints.filter((text) => !anyFunction.test(text));
    expect(left).toEqual([]);
  });
});

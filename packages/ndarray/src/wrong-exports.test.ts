/**
 * Every export that is no op meets every wrong argument with an error of its own. A new one gets a
 * line here; `wrong-arguments.test.ts` tries the ops.
 */
import { describe, expect, test } from "vitest";
import * as nd from "./index.ts";
import type * as ops from "./ops/index.ts";
import { callable, type Sweep, sweep } from "./testing/sweep.ts";

type Exports = typeof nd;
type Callable = ((...args: never[]) => unknown) | (new (...args: never[]) => unknown);
type ErrorClass = new (...args: never[]) => Error;

/** What is not called, such as lists and the kinds of which checks are made, and errors. */
type Uncalled = {
  [Name in keyof Exports]: Exports[Name] extends Callable
    ? Exports[Name] extends ErrorClass
      ? Name
      : never
    : Name;
}[keyof Exports];

/**
 * What packages beside this one call, with values that their own functions have checked. Storage is
 * what arrays are made of, by the functions that make arrays.
 */
type Rule =
  | "Storage"
  | "adaptiveWindows"
  | "arranged"
  | "biasShape"
  | "broadcastAxes"
  | "checkStretches"
  | "checkTimes"
  | "conv2dOptions"
  | "convGeometry"
  | "convTranspose2dOptions"
  | "convTransposeGeometry"
  | "convolve"
  | "convolveInput"
  | "convolveWeight"
  | "divisorShape"
  | "imageOf"
  | "isRowMajor"
  | "missingAxes"
  | "normalizeAxes"
  | "normalizeAxis"
  | "normalizeInputGradient"
  | "normalizeWeightGradient"
  | "normalizeWithMoments"
  | "pairKind"
  | "pairOf"
  | "placeOfShare"
  | "pool2dOptions"
  | "poolDivisors"
  | "poolGeometry"
  | "pooledMax"
  | "pooledSum"
  | "pooledSumInput"
  | "reducedLast"
  | "reducedShape"
  | "rowAxis"
  | "runFormula"
  | "sameShape"
  | "showShape"
  | "sizeOf"
  | "softmaxCrossEntropyGradient"
  | "uniformValue";

type Name = Exclude<keyof Exports, keyof typeof ops | Uncalled | Rule>;

const backend = nd.createReferenceBackend();
const generator = new nd.Philox(0);
const place = { dtype: "float64", backend } as const;
const draws = { ...place, generator };
const [x, index] = [nd.ones([2, 2]), nd.array([1, 0], { dtype: "int32" })];

class Row implements nd.Printable {
  readonly shape = [2];
  readonly dtype = "float32";
  at([i = 0]: readonly number[]): number {
    return i;
  }
}
const print = { precision: 3, threshold: 9, edgeItems: 1, lineWidth: 50, suppress: true };
const window = { stride: 1, padding: 0, dilation: 1, ceilMode: false, layout: "NCHW" };

const called = (...args: unknown[]): Sweep => ({ calls: [args] });
const taking = (takes: RegExp, ...args: unknown[]): Sweep => ({ calls: [args], takes });
/** What a function does is up to the user. */
const callback = /: a function$/;
/** In whose name a rule speaks: it is given one first, or is a part of an op. */
const ruleOf = (op: string, ...args: unknown[]): Sweep => taking(/argument 0/, op, ...args);
const speaker: Partial<Record<Name, string>> = {
  bincountLength: "bincount",
  solveMatrices: "solve",
};

const cases: Record<Name, Sweep> = {
  // Every op makes arrays: what sizes and strides are is not looked into.
  // Who has a storage is a package of needle, or knows the rest: every op makes an array.
  NDArray: taking(/argument [123]/, x.storage, [2], [1], 0),
  NumpyGenerator: { calls: [[0], [[1, 2]]] },
  NumpyRandom: { calls: [[0], [[1, 2]]] },
  Philox: called(0),
  arange: called(0, 5, 1, place),
  array: called([[1, 2]], place),
  bernoulli: called(0.5, [2], draws),
  beta: called(1, 2, [2], draws),
  binomial: called(3, 0.5, [2], draws),
  bincountLength: called(index, null, 0),
  broadcastShapes: ruleOf("broadcastShapes", [2, 1], [3]),
  bytesPerElement: called("int32"),
  categorical: { calls: [[{ logits: x }, [2], draws], [{ probabilities: x }]] },
  checkDType: ruleOf("checkDType", "int32"),
  checkIndices: ruleOf("checkIndices", [0, ":", index]),
  checkPower: ruleOf("checkPower", 2),
  choice: {
    calls: [
      [5, [2], { ...draws, replace: true, probabilities: [0.2, 0.2, 0.2, 0.2, 0.2] }],
      [x, 2],
    ],
  },
  chunkBounds: ruleOf("chunkBounds", 5, 2),
  concat: called([x, x], 1),
  createLazyBackend: called(backend),
  createReferenceBackend: called(),
  createShapeOnlyBackend: called(),
  defaultBackend: called(),
  defaultGenerator: called(),
  dropoutMask: called([2], 0.5, draws),
  einsum: called("ij,jk->ik", x, x),
  empty: called([2], place),
  expandMasks: ruleOf("expandMasks", [2], [nd.array([true, false])]),
  expectMatrix: ruleOf("expectMatrix", x, true),
  exponential: called(1, [2], draws),
  eye: called(2, 3, 1, place),
  formatArray: called(new Row(), print),
  formatRepr: taking(/(name|suffix) \("wrong"\)/, new Row(), {
    ...print,
    name: "Row",
    suffix: "last",
  }),
  // Names of arrays and numbers are up to the user as well.
  formula: {
    calls: [[["a"], ["n"], ({ a }: { a?: nd.Term }) => ({ ...(a && { a: a.neg() }) })]],
    takes: /"wrong"$|\["a"\]$|\["wrong"\]$|: a function$/,
  },
  fromStart: ruleOf("fromStart", index, 2),
  fromTypedArray: called(Int32Array.of(1, 2), [2], place),
  full: called([2], 1, place),
  gamma: called(1, 2, [2], draws),
  idle: called(),
  isFloat: called("int32"),
  isNDArray: taking(/./, x),
  isVectorSide: called([2, 2], [2]),
  linspace: called(0, 1, 5, place),
  manualSeed: called(1),
  maxPool2dWithIndices: called(nd.ones([1, 2, 2]), 2, window),
  memory: called(backend),
  meshgrid: called([index, index], { indexing: "ij" }),
  normal: called(0, 1, [2], draws),
  ones: called([2], place),
  onesLike: called(x),
  padPositions: ruleOf("padPositions", [3], [1, 1], "reflect"),
  padWidths: ruleOf("padWidths", [3], [1, 1]),
  peekRandom: taking(callback, () => 0),
  permutation: called(3, draws),
  philox4x32: called([0, 0, 0, 0], [0, 0]),
  poisson: called(1, [2], draws),
  powerOf: taking(/argument 0|a function$/, 3, 2, (a: number, b: number) => a * b),
  promote: called("int32", "bool"),
  promoteNumber: called("uint8", 3),
  rand: called([2], { ...draws, low: 0, high: 1 }),
  randb: called([2], 0.5, draws),
  randint: called(0, 5, [2], draws),
  randn: called([2], { ...draws, mean: 0, std: 1 }),
  resetPeakMemory: called(backend),
  rewindable: taking(callback, () => 0),
  rowMajorStrides: called([2, 3]),
  scope: taking(/(0:|survivors) .?a function|label \("wrong"\)/, () => 0, {
    label: "scope",
    survivors: () => x,
  }),
  setDefaultBackend: called(nd.defaultBackend()),
  setDefaultGenerator: called(generator),
  show: taking(/./, x),
  solveMatrices: called(nd.eye(2), x),
  splitBounds: {
    calls: [
      ["splitBounds", 6, 2],
      ["splitBounds", 6, [2, 5]],
    ],
    takes: /argument 0/,
  },
  stack: called([x, x], 1),
  toFloat: called("int32"),
  truncatedNormal: called(0, 1, [2], { ...draws, low: -1, high: 1 }),
  typedArray: called("int32", 2),
  uniform: called(0, 1, [2], draws),
  zeros: called([2], place),
  zerosLike: called(x),
};

const numpy = new nd.NumpyGenerator(0);
const { random } = numpy;
const float = { dtype: "float64", backend };

/** What all generators draw. */
const drawing: Record<Exclude<keyof nd.Generator, "dropoutMask">, Sweep> = {
  uniform: called([2], float),
  normal: called([2], float),
  integers: called(0, 5, [2], { backend }),
  permutation: called(3),
  choice: called(3, { size: 2, replace: true, p: [0.5, 0.25, 0.25] }),
  sample: taking(callback, 2, () => 0),
};

const philoxMethods: Record<keyof nd.Philox, Sweep> = {
  ...drawing,
  dropoutMask: called([2], 0.5, float),
};
const numpyMethods: Record<Exclude<keyof nd.NumpyGenerator, "random">, Sweep> = drawing;
const randomMethods: Record<Exclude<keyof nd.NumpyRandom, "source">, Sweep> = {
  seed: { calls: [[0], [[1, 2]]] },
  rand: called(2),
  uniform: called(0, 1, 2),
  randn: called(2),
  normal: called(0, 1, 2),
  exponential: called(1, 2),
  randint: called(0, 5, 2),
  // Its bounds are of the kind that is wrong elsewhere.
  randint64: taking(/10n/, 0n, 5n, 2),
  permutation: called(3),
  // Entries may be anything.
  shuffle: taking(/element|\[.*"a".*\]/, [1, 2]),
  choice: drawing.choice,
};

const methods: readonly (readonly [name: string, object, Readonly<Record<string, Sweep>>])[] = [
  ["Philox", generator, philoxMethods],
  ["NumpyGenerator", numpy, numpyMethods],
  ["NumpyRandom", random, randomMethods],
];

/** How much has been allocated on the backends that the calls name, or name none. */
const allocated = (): number => nd.memory().allocatedBytes + nd.memory(backend).allocatedBytes;

describe("a wrong argument", () => {
  const named = new Map<string, unknown>(Object.entries(nd));

  test.each(Object.entries(cases))("of %s is named and shown", async (name, own) => {
    const run = callable(named.get(name));
    expect(await sweep(speaker[name as Name] ?? name, run, own, allocated)).toEqual([]);
  });
});

describe.each(methods)("a wrong argument of a method of %s", (_, object, own) => {
  test.each(Object.entries(own))("%s is named and shown", async (name, calls) => {
    const method = object[name as keyof typeof object] as (...args: readonly unknown[]) => unknown;
    expect(await sweep(name, method.bind(object), calls, allocated)).toEqual([]);
  });
});

describe("what comes later", () => {
  const wrong = (value: unknown): never => value as never;
  const half = nd.formula(["x"], ["n"], ({ x }, { n }) => ({ x: x.div(n) }));
  const stray = new Set<nd.Term>();
  nd.formula(["x"], [], ({ x }) => {
    stray.add(x);
    return {};
  });
  const [other] = stray;

  test.each<[() => unknown, string]>([
    [() => half(wrong(null), { n: 2 }), "formula: the argument must be an object of values by "],
    [() => half({ x: wrong(3) }, { n: 2 }), "formula: x must be an array, got 3"],
    [() => half({ x }, wrong({ m: 2 })), "formula: n must be a number, got undefined"],
    [() => half({ x }, { n: wrong("2") }), 'formula: n must be a number, got "2"'],
    [
      () => nd.formula(["x"], [], ({ x }) => ({ x: x.add(wrong("1")) })),
      'add: the argument must be a number or a term of this formula, got "1"',
    ],
    [
      () => nd.formula(["x"], [], ({ x }) => ({ x: x.mul(other!) })),
      "mul: the argument must be a number or a term of this formula, got Term",
    ],
    [
      () => nd.formula(["x"], [], () => ({ x: wrong(1) })),
      "formula: x must be a term of this formula, got 1",
    ],
    [
      () => nd.formula(["x"], [], ({ x }) => wrong({ y: x })),
      'formula: the name of what the body gives must be "x", got "y"',
    ],
    [
      () => nd.formula(["x"], [], () => wrong(undefined)),
      "formula: what the body gives must be an object of terms by the names of arrays, got undefined",
    ],
    [() => nd.rewindable(() => 0)[1](wrong(3)), "rewound: the argument must be a function, got 3"],
    [() => x.inspect(wrong(3)), "inspect: name must be a string, got 3"],
    [() => x.inspect("x", wrong(3)), "inspect: suffix must be a string, got 3"],
  ])("is checked as well: %s", (call, message) => {
    expect(call).toThrow(message);
  });
});

describe("options in the place of what comes before them", () => {
  const options = { dtype: "int32" } as never;

  test.each<[() => unknown, string]>([
    [() => nd.arange(5, options), "arange: stop must be a number, got {dtype}"],
    [() => nd.linspace(0, 1, options), "linspace: count must be a whole number of at least 0, got"],
    [() => nd.eye(2, options), "eye: columns must be a whole number of at least 0, got {dtype}"],
    [() => nd.full([2], options), "full: value must be a number, got {dtype}"],
    [() => nd.randb([2], options), "randb: p must be a number, got {dtype}"],
    [() => nd.dropoutMask([2], options), "dropoutMask: p must be from 0 to below 1, got {dtype}"],
    [() => nd.randint(0, 5, options), "randint: a shape is an array of sizes, got {dtype}"],
    [() => nd.normal(0, 1, options), "normal: a shape is an array of sizes, got {dtype}"],
    [() => nd.normal([2] as never, options), "normal: mean must be finite, got [2]"],
    [() => nd.poisson(2, options), "poisson: a shape is an array of sizes, got {dtype}"],
    [() => nd.choice(5, options), "choice: a shape is an array of sizes, got {dtype}"],
    [() => nd.categorical({ logits: x }, options), "categorical: a shape is an array of sizes"],
    [
      () => generator.integers(0, 5, options),
      "integers: a shape is an array of sizes, got {dtype}",
    ],
  ])("are told where they belong: %s", (call, problem) => {
    expect(call).toThrow(problem);
    expect(call).toThrow(/\nCall it as \w+\(.*, options\)\.$/);
  });

  test("are not meant where a number is wrong", () => {
    expect(() => nd.eye(-1)).toThrow(/^eye: rows must be a whole number of at least 0, got -1$/);
    expect(() => nd.normal(0, -1)).toThrow(/got -1$/);
  });
});

test("a shape among options is none of an array", () => {
  expect(() => nd.zeros([2], { shape: [3] } as never)).toThrow(
    'zeros: there is no option "shape"\nKnown are dtype, backend.',
  );
  expect(nd.zeros([2], nd.array([true])).dtype).toBe("bool");
});

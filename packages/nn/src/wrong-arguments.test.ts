/** Every export meets every wrong argument with an error of its own. A new one gets a line here. */
import * as ag from "@needle/autograd";
import { createReferenceBackend, memory } from "@needle/ndarray";
import { callable, type Sweep, sweep } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import * as nn from "./index.ts";

const { ReLU } = nn;
const { ones, tensor } = ag;

/** Losses are functions of autograd, which tries them itself. */
type Exports = Omit<typeof nn, keyof typeof ag>;
type Name = Exclude<keyof Exports, "Module" | "Recurrent" | "RecurrentCell" | "StateDictError">;

const backend = createReferenceBackend();
const place = { dtype: "float64", backend } as const;
const [scores, labels] = [ones([2, 3]), tensor([0, 2], { dtype: "int32" })];
const weight = ones([2]);

const called = (...args: unknown[]): Sweep => ({ calls: [args] });
const bare: Sweep = { calls: [[]] };
/** A layer that is given something whose content is not looked into here. */
const over = (takes: RegExp, ...args: unknown[]): Sweep => ({ calls: [args], takes });

const window = { stride: 1, padding: 1, dilation: 1, layout: "NCHW" };
const conv = { ...place, bias: false, ...window, groups: 1 };
const pool = { stride: 1, padding: 0, ceilMode: false, layout: "NCHW" };
const means = { ...pool, countIncludePad: true, divisorOverride: 3 };
const norm = { ...place, eps: 1e-5 };
const channelNorm = { ...norm, affine: true };
const batchNorm = { ...channelNorm, momentum: 0.1, unbiased: false };
const cell = { ...place, bias: true };
const recurrent = {
  ...cell,
  numLayers: 1,
  bidirectional: false,
  dropout: 0,
  batchFirst: true,
};
const block = {
  ...place,
  hiddenSize: 4,
  dropout: 0,
  activation: "relu",
  eps: 1e-5,
  batchFirst: true,
  normFirst: true,
};
const init = { ...place, shape: [2, 3], gain: 1 };
const kaiming = { ...init, mode: "fanIn", nonlinearity: "relu" };
const reduction = "sum";
const margin = { reduction, margin: 1 };

const cases: Record<Name, Sweep> = {
  AUROC: bare,
  AdaptiveAvgPool1d: called(1, { layout: "NCHW" }),
  AdaptiveAvgPool2d: called([1, 2], { layout: "NCHW" }),
  AdaptiveMaxPool1d: called(1, { layout: "NCHW" }),
  AdaptiveMaxPool2d: called([1, 2], { layout: "NCHW" }),
  AlphaDropout: called(0.5),
  AttentionLayer: called(4, 2, 2, {
    ...place,
    kFeatures: 3,
    vFeatures: 3,
    outFeatures: 2,
    dropout: 0,
    causal: true,
  }),
  AvgPool1d: called(2, means),
  AvgPool2d: called(2, means),
  BCELoss: called({ reduction, weight }),
  BCEWithLogitsLoss: called({ reduction, weight, posWeight: weight }),
  BatchNorm1d: called(2, batchNorm),
  BatchNorm2d: called(2, batchNorm),
  Bilinear: called(2, 3, 4, cell),
  Buffer: called(weight),
  CELU: called(1),
  ChannelShuffle: called(2),
  CircularPad1d: called([1, 2]),
  CircularPad2d: called([1, 2, 3, 4]),
  ConfusionMatrix: called(2),
  ConstantPad1d: called([1, 2], 3),
  ConstantPad2d: called([1, 2, 3, 4], 3),
  Conv: called(1, 2, 3, { ...cell, stride: 1 }),
  Conv1d: called(1, 2, 3, conv),
  Conv2d: called(1, 2, [3, 3], conv),
  ConvTranspose1d: called(1, 2, 3, { ...conv, outputPadding: 0 }),
  ConvTranspose2d: called(1, 2, [3, 3], { ...conv, outputPadding: 0 }),
  CosineEmbeddingLoss: called(margin),
  CosineSimilarity: called({ axis: 1, eps: 1e-8 }),
  CrossEntropyLoss: called({ reduction, weight, ignoreIndex: -1, labelSmoothing: 0 }),
  Dropout: called(0.5),
  Dropout1d: called(0.5),
  Dropout2d: called(0.5),
  ELU: called(1),
  Embedding: called(4, 2, { ...place, paddingIndex: 0 }),
  Flatten: bare,
  Fold: called([4, 4], [2, 2], { dilation: 1, padding: 0, stride: [1, 1] }),
  GELU: called({ approximate: "tanh" }),
  GLU: called(-1),
  GRU: called(2, 3, recurrent),
  GRUCell: called(2, 3, cell),
  GaussianNLLLoss: called({ reduction, full: true, eps: 1e-6 }),
  GroupNorm: called(2, 4, channelNorm),
  Hardshrink: called(0.5),
  Hardsigmoid: bare,
  Hardswish: bare,
  Hardtanh: called(-1, 1),
  HingeEmbeddingLoss: called(margin),
  HingeLoss: called(margin),
  HuberLoss: called({ reduction, delta: 1 }),
  Identity: bare,
  InstanceNorm: called(4, channelNorm),
  KLDivLoss: called({ reduction: "batchmean", logTarget: true }),
  KeyValueCache: bare,
  L1Loss: called({ reduction }),
  LSTM: called(2, 3, recurrent),
  LSTMCell: called(2, 3, cell),
  Lambda: over(/a function/, (x: ag.Tensor) => x),
  LayerNorm: called([2, 3], { ...channelNorm, bias: false }),
  LayerNorm1d: called(3, norm),
  LeakyReLU: called(0.1),
  LearnedPositions: called(4, 2, { ...place, axis: 0 }),
  Linear: called(2, 3, cell),
  LogSigmoid: bare,
  LogSoftmax: called(-1),
  MSELoss: called({ reduction }),
  MarginRankingLoss: called(margin),
  MaxPool1d: called(2, { ...pool, dilation: 1 }),
  MaxPool2d: called(2, { ...pool, dilation: 1 }),
  Mish: bare,
  // Names of modules are up to the user.
  ModuleDict: over(/a name of|misspelt/, { relu: new ReLU() }),
  ModuleList: called([new ReLU()]),
  MultiHeadAttention: called({ dropout: 0, causal: true }),
  MultiLabelMarginLoss: called({ reduction }),
  MultiLabelSoftMarginLoss: called({ reduction, weight }),
  MultiMarginLoss: called({ ...margin, p: 1, weight }),
  MultiheadAttention: called(4, 2, {
    ...place,
    dropout: 0,
    bias: true,
    kDim: 3,
    vDim: 2,
    batchFirst: true,
  }),
  NLLLoss: called({ reduction, weight, ignoreIndex: -1 }),
  PReLU: called(2, { ...place, initial: 0.5 }),
  PairwiseDistance: called({ p: 2, eps: 1e-6, keepdims: true }),
  Parameter: called(weight),
  PixelShuffle: called(2),
  PixelUnshuffle: called(2),
  PoissonNLLLoss: called({ reduction, logInput: true, full: true, eps: 1e-8 }),
  RMSNorm: called([2], norm),
  RNN: called(2, 3, { ...recurrent, nonlinearity: "relu" }),
  RNNCell: called(2, 3, { ...cell, nonlinearity: "tanh" }),
  RReLU: called(0.1, 0.3),
  ReLU: bare,
  ReLU6: bare,
  ReflectionPad1d: called([1, 2]),
  ReflectionPad2d: called([1, 2, 3, 4]),
  ReplicationPad1d: called([1, 2]),
  ReplicationPad2d: called([1, 2, 3, 4]),
  Residual: called(new ReLU()),
  RunningMean: bare,
  SELU: bare,
  Sequential: called(new ReLU(), new ReLU()),
  SiLU: bare,
  Sigmoid: bare,
  SinusoidalPositions: called(4, { base: 100, axis: 0 }),
  SmoothL1Loss: called({ reduction, beta: 1 }),
  SoftMarginLoss: called({ reduction }),
  Softmax: called(-1),
  Softmax2d: bare,
  SoftmaxLoss: called({ reduction, weight, ignoreIndex: -1, labelSmoothing: 0 }),
  Softmin: called(-1),
  Softplus: called({ beta: 1, threshold: 20 }),
  Softshrink: called(0.5),
  Softsign: bare,
  Tanh: bare,
  Tanhshrink: bare,
  Threshold: called(0, 1),
  Transformer: called(4, 8, 1, {
    ...place,
    dropout: 0,
    causal: true,
    numHead: 2,
    dimHead: 2,
    batchFirst: true,
    sequenceLen: 5,
  }),
  TransformerDecoderLayer: called(4, 2, block),
  TransformerEncoderLayer: called(4, 2, block),
  TransformerLayer: called(4, 2, 2, 8, { ...place, dropout: 0, causal: true }),
  TripletMarginLoss: called({ ...margin, p: 2, eps: 1e-6, swap: true }),
  Unflatten: called(1, [2, -1]),
  Unfold: called([2, 2], { dilation: 1, padding: 0, stride: [1, 1] }),
  Upsample: {
    calls: [
      [{ size: 4, mode: "bilinear", alignCorners: true }],
      [{ scaleFactor: [2, 2], mode: "nearest" }],
    ],
  },
  ZeroPad1d: called([1, 2]),
  ZeroPad2d: called([1, 2, 3, 4]),
  accuracy: called(scores, labels),
  detachState: called([weight, weight]),
  gainOf: called("relu", 0.1),
  identity: called(2, 3, place),
  kaimingNormal: called(2, 3, kaiming),
  kaimingUniform: called(2, 3, kaiming),
  orthogonal: called([2, 3], { ...place, gain: 1 }),
  perplexity: called(ones([])),
  rotary: called(ones([3, 4]), { first: 0, base: 100 }),
  sparse: called([2, 3], 0.5, { ...place, std: 1 }),
  summary: called(new ReLU(), [2, 3]),
  topKAccuracy: called(scores, labels, 1),
  xavierNormal: called(2, 3, init),
  xavierUniform: called(2, 3, init),
};

const exported = Object.entries(nn).filter(([name]) => !(name in ag));

describe("a wrong argument", () => {
  const named = new Map<string, unknown>(exported);
  const allocated = (): number => memory().allocatedBytes + memory(backend).allocatedBytes;

  test.each(Object.entries(cases))("of %s is named and shown", async (name, own) => {
    expect(await sweep(name, callable(named.get(name)), own, allocated)).toEqual([]);
  });
});

test("everything exported is tried", () => {
  const others = ["Module", "Recurrent", "RecurrentCell", "StateDictError"];
  expect([...Object.keys(cases), ...others].sort()).toEqual(exported.map(([name]) => name).sort());
});

describe("a pass through what is no tensor", () => {
  type Layer = nn.Module<unknown[], unknown>;
  const layers = exported.flatMap(([name, made]): [string, Layer, readonly string[]][] => {
    const own = cases[name as Name]?.calls[0];
    const layer = own && name in cases && isClass(made) ? callable(made)(...own) : null;
    if (!(layer instanceof nn.Module)) return [];
    const { tensorInputs } = layer.constructor as typeof nn.Module;
    return [[name, layer as unknown as Layer, tensorInputs]];
  });

  test.each(layers)("of %s is told", (name, layer, inputs) => {
    for (const [i, input] of inputs.entries()) {
      for (const wrong of [[[1, 2]], null, 3, "x", undefined, weight.value]) {
        const given = inputs.map((_, j) => (i === j ? wrong : ones([2, 2])));
        expect(() => layer.forward(...given)).toThrow(`${name}: ${input} must be a tensor, got `);
      }
    }
  });

  test("is left to the modules inside and to functions", () => {
    expect(layers.filter(([, , inputs]) => inputs.length === 0).map(([name]) => name)).toEqual([
      "Identity",
      "Lambda",
      "ModuleDict",
      "ModuleList",
      "Residual",
      "Sequential",
    ]);
    const model = new nn.Sequential(new nn.Linear(2, 3));
    expect(() => model.forward([[1, 2]] as never)).toThrow(
      "Linear: x must be a tensor, got [[1,2]]",
    );
  });
});

describe("sizes", () => {
  /** What takes numbers that are no sizes, and axes, which are counted from either end. */
  const others =
    /^(C?ELU|ConstantPad.d|Dropout.*|AlphaDropout|Hard.*|LeakyReLU|RReLU|Softshrink|Threshold|gainOf)$/;
  const axes = /^(GLU|(Log)?Softmax|Softmin|Unflatten)$/;
  const named = new Map<string, unknown>(exported);
  const sizes = Object.entries(cases).flatMap(([name, { calls }]) =>
    calls.flatMap((args) =>
      args.flatMap((arg, i): [string, number, readonly unknown[]][] =>
        Number.isInteger(arg) && !others.test(name) ? [[name, i, args]] : [],
      ),
    ),
  );

  test.each(sizes)("of %s, argument %i, are whole and not below 0", (name, i, args) => {
    const make = callable(named.get(name));
    for (const wrong of axes.test(name) ? [1.5] : [1.5, -7]) {
      expect(() => make(...args.with(i, wrong))).toThrow(new RegExp(`^${name}: .* got ${wrong}`));
    }
  });

  test("may be 0 where there is nothing to draw or to divide by", () => {
    expect([new nn.Linear(0, 3).weight.shape, new nn.BatchNorm1d(0).dim]).toEqual([[0, 3], 0]);
    expect(new nn.Conv2d(0, 4, 3).weight.shape).toEqual([4, 0, 3, 3]);
    expect(new nn.RNN(0, 4).forward(ones([2, 3, 0]))[0].shape).toEqual([2, 3, 4]);
    for (const make of [() => new nn.GroupNorm(0, 2), () => new nn.RNN(3, 0)]) {
      expect(make).toThrow("must be a whole number of at least 1, got 0");
    }
  });
});

function isClass(made: unknown): boolean {
  return /^class\b/.test(String(made));
}

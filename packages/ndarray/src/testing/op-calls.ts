/**
 * Calls of every op, for laws that hold for all of them: one list of calls an op, so that an op
 * added to `ops/index.ts` does not compile until it is called here.
 */
import type { Backend } from "../backend.ts";
import { fromTypedArray } from "../create.ts";
import { type DType, typedArray } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import * as ops from "../ops/index.ts";
import { concat, stack } from "../ops/joining.ts";
import type { Reduction } from "../ops/reduce.ts";
import { meshgrid } from "../ops/repeating.ts";
import type { Located } from "../ops/scan.ts";
import { sizeOf } from "../shape.ts";
import { type ArrayInput, bool, call, f32, f64, i32, type OpCall, u8 } from "./call.ts";
import { elementwiseCalls } from "./elementwise-calls.ts";
import { linalgCalls } from "./linalg-calls.ts";

export type { ArrayInput, OpCall } from "./call.ts";

/** The functions of the package that take arrays first. */
export type OpName = keyof typeof ops | "concat" | "stack" | "meshgrid";

/** The arrays a call works on: small numbers of both signs (positions 0, 1, 0, 1, … for int32). */
export function makeInputs(call: OpCall, backend: Backend): NDArray[] {
  return call.inputs.map(({ dtype, shape }) => {
    const data = typedArray(dtype, sizeOf(shape));
    for (let i = 0; i < data.length; i++) {
      data[i] = dtype === "float32" || dtype === "float64" ? ((i * 5) % 7) - 2.5 : i % 2;
    }
    return fromTypedArray<DType>(data, shape, { dtype, backend });
  });
}

function reduceCalls(run: Reduction): OpCall[] {
  return [
    call("all axes", [f32(2, 3)], (x) => run(x!)),
    call("one axis", [i32(2, 3)], (x) => run(x!, -1)),
    call("kept axes", [u8(2, 3, 4)], (x) => run(x!, [0, 2], { keepdims: true })),
    call("no axes", [f64(2)], (x) => run(x!, [])),
    call("bool", [bool(2, 2)], (x) => run(x!, 0)),
  ];
}

function scanCalls(run: (x: NDArray, axis?: number) => NDArray): OpCall[] {
  return [
    call("as it is", [f32(2, 3)], (x) => run(x!)),
    call("first axis", [u8(2, 3)], (x) => run(x!, 0)),
    call("bool", [bool(2, 3)], (x) => run(x!, -1)),
    call("no elements", [f64(2, 0)], (x) => run(x!, 1)),
  ];
}

/** The values, and nothing of the positions. */
function valuesOf({ values, indices }: Located): NDArray {
  indices.dispose();
  return values;
}

function softmaxCalls(run: (x: NDArray, axis?: number) => NDArray): OpCall[] {
  return [
    call("last axis", [f32(2, 3)], (x) => run(x!)),
    call("first axis", [f64(2, 3)], (x) => run(x!, 0)),
    call("integers", [i32(4)], (x) => run(x!)),
    call("no elements", [f32(2, 0)], (x) => run(x!)),
  ];
}

/** One pool of different images. */
function poolCalls(run: ops.Unary, inputs: readonly ArrayInput[]): OpCall[] {
  return inputs.map((input) => call(`${input.dtype} [${input.shape}]`, [input], (x) => run(x!)));
}

/** The calls of each op. Ops of one input give a fresh array or a view of it. */
export const opCalls: Record<OpName, readonly OpCall[]> = {
  ...elementwiseCalls,
  ...linalgCalls,
  assign: [
    call("another dtype", [f32(2, 3), i32(3)], (x, y) => ops.assign(x!, y!)),
    call("a number", [i32(2)], (x) => ops.assign(x!, 3)),
  ],
  astype: [
    call("other", [f32(2)], (x) => ops.astype(x!, "int32")),
    call("same", [f32(2)], (x) => ops.astype(x!, "float32")),
  ],
  compact: [
    call("already", [f32(2, 2)], (x) => ops.compact(x!)),
    call("transposed", [f32(2, 3)], (x) => x!.transpose().compact()),
  ],
  copy: [call("any", [f32(2, 2)], (x) => ops.copy(x!))],
  fill: [call("any", [f32(2, 2)], (x) => ops.fill(x!, 1))],
  to: [call("where it is", [f32(2)], (x) => ops.to(x!, x!.backend))],
  gather: [
    call("shorter index", [f32(3, 4), i32(2, 4)], (x, index) => ops.gather(x!, 0, index!)),
    call("uint8 index", [i32(3), u8(5)], (x, index) => ops.gather(x!, -1, index!)),
  ],
  scatterAdd: [
    call("other dtypes", [f32(3, 4), u8(2, 4), i32(3, 4)], (x, index, y) =>
      ops.scatterAdd(x!, 0, index!, y!),
    ),
  ],
  take: [
    call("matrix of positions", [f32(4, 3), i32(2, 2)], (x, index) => ops.take(x!, index!, 1)),
    call("one position", [f32(4, 3), i32()], (x, index) => ops.take(x!, index!)),
  ],
  takeAlongAxis: [
    call("broadcast", [f32(3, 4), i32(1, 2)], (x, index) => ops.takeAlongAxis(x!, index!)),
  ],
  indexSelect: [call("columns", [f32(3, 4), u8(5)], (x, i) => ops.indexSelect(x!, 1, i!))],
  indexAdd: [
    call("rows", [f32(3, 4), i32(2), i32(2, 4)], (x, i, y) => ops.indexAdd(x!, 0, i!, y!)),
  ],
  scatter: [
    call("other dtypes", [f32(3, 4), u8(2, 4), i32(3, 4)], (x, index, y) =>
      ops.scatter(x!, 0, index!, y!),
    ),
    call("a number", [i32(3), i32(2)], (x, index) => ops.scatter(x!, -1, index!, 2.5)),
  ],
  at: [
    call("two arrays", [f32(4, 3), i32(2, 1), u8(3)], (x, i, j) => ops.at(x!, i!, j!)),
    call("arrays apart", [f32(2, 3, 4), i32(2), i32()], (x, i, j) => ops.at(x!, i!, "::-1", j!)),
    call("no array", [f32(2, 3)], (x) => ops.at(x!, 1, null)),
    reading("a mask", [f32(2, 3), bool(2, 3)], (x, mask) => ops.at(x!, mask!)),
  ],
  indexPut: [
    call("an array", [f32(4, 3), i32(2), f64(3)], (x, i, y) => ops.indexPut(x!, [i!], y!)),
    call("a number", [i32(4, 3), i32(2)], (x, i) =>
      ops.indexPut(x!, [i!, 1], 2, { accumulate: true }),
    ),
  ],
  put: [call("flattened", [f32(2, 3), i32(2), f32(2)], (x, i, y) => ops.put(x!, i!, y!))],
  maskedFill: [
    call("a number", [bool(2, 3), bool(3)], (x, mask) => ops.maskedFill(x!, mask!, 1)),
    call("an array", [f32(2, 3), bool(2, 1), f32()], (x, m, y) => ops.maskedFill(x!, m!, y!)),
  ],
  maskedSelect: [
    reading("broadcast", [f32(2, 3), bool(3)], (x, mask) => ops.maskedSelect(x!, mask!)),
  ],
  nonzero: [reading("columns", [f32(2, 3)], (x) => part(ops.nonzero(x!)))],
  unique: [
    reading("counts", [f32(2, 3)], (x) => {
      const { values, index, inverse, counts } = ops.unique(x!);
      return part([values, counts, index, inverse]);
    }),
  ],
  searchsorted: [
    call("values", [f32(5), f64(2, 3)], (table, x) => ops.searchsorted(table!, x!)),
    call("rows", [i32(2, 4), i32(2, 3)], (table, x) =>
      ops.searchsorted(table!, x!, { side: "right" }),
    ),
    call("a number", [f32(0)], (table) => ops.searchsorted(table!, 3)),
  ],
  bincount: [
    reading("counts", [i32(4)], (x) => ops.bincount(x!, { minlength: 3 })),
    reading("weights", [u8(4), f32(4)], (x, weights) => ops.bincount(x!, { weights: weights! })),
  ],
  oneHot: [call("any", [i32(2, 3)], (x) => ops.oneHot(x!, 4))],
  concat: [
    call("mixed", [f32(2, 3), i32(1, 3)], (...arrays) => concat(arrays)),
    call("last axis", [u8(2, 1), bool(2, 2)], (...arrays) => concat(arrays, -1)),
  ],
  stack: [
    call("first", [f32(3), f32(3)], (...arrays) => stack(arrays)),
    call("last", [i32(3), i32(3)], (...arrays) => stack(arrays, -1)),
  ],
  unslice: [call("strided", [f32(2, 2)], (x) => ops.unslice(x!, [4, 3], "::2", [0, 2]))],
  affine: [
    call("a matrix", [f32(2, 3), f32(3, 4), f32(4)], (x, w, b) => ops.affine(x!, w!, b!)),
    call("a batch", [f32(5, 2, 3), f64(3, 4)], (x, w) => ops.affine(x!, w!)),
    call("relu", [f32(2, 3), f32(3, 4), f32(4)], (x, w, b) =>
      ops.affine(x!, w!, b!, { activation: "relu" }),
    ),
    call("a vector", [i32(3), f32(3, 4), f32(4)], (x, w, b) => ops.affine(x!, w!, b!)),
    call("no rows", [f32(0, 3), f32(3, 4), f32(4)], (x, w, b) => ops.affine(x!, w!, b!)),
  ],
  matmul: [
    call("matrices", [f32(2, 3), f64(3, 4)], (a, b) => ops.matmul(a!, b!)),
    call("batches", [f32(5, 1, 2, 3), f32(4, 3, 2)], (a, b) => ops.matmul(a!, b!)),
    call("vectors", [i32(3), u8(3)], (a, b) => ops.matmul(a!, b!)),
    call("a row and a batch", [f32(3), f32(2, 3, 4)], (a, b) => ops.matmul(a!, b!)),
    call("a batch and a column", [f32(2, 4, 3), f32(3)], (a, b) => ops.matmul(a!, b!)),
  ],
  conv: [
    call("padded", [f32(1, 4, 4, 2), f64(3, 3, 2, 3)], (x, w) => ops.conv(x!, w!, { padding: 1 })),
  ],
  conv1d: [
    call("with a bias", [f32(2, 2, 5), f32(3, 2, 2), f32(3)], (x, w, bias) =>
      ops.conv1d(x!, w!, { stride: 2, padding: "valid", bias }),
    ),
    call("channels last, alone", [f32(5, 2), f32(2, 2, 3)], (x, w) =>
      ops.conv1d(x!, w!, { layout: "NHWC", dilation: 2 }),
    ),
  ],
  conv2d: [
    call("all options", [f32(2, 4, 5, 6), f32(6, 2, 2, 3), f32(6)], (x, w, bias) =>
      ops.conv2d(x!, w!, {
        stride: [2, 1],
        padding: [
          [1, 0],
          [2, 1],
        ],
        dilation: [1, 2],
        groups: 2,
        bias,
      }),
    ),
    call("channels last", [f64(1, 3, 3, 2), f32(2, 2, 2, 3)], (x, w) =>
      ops.conv2d(x!, w!, { layout: "NHWC", padding: "same" }),
    ),
    call("one image, integers", [i32(2, 3, 3), u8(1, 2, 2, 2)], (x, w) => ops.conv2d(x!, w!)),
    call("no images", [f32(0, 2, 3, 3), f32(1, 2, 2, 2)], (x, w) => ops.conv2d(x!, w!)),
  ],
  convTranspose1d: [
    call("all options", [f32(2, 3, 4), f32(3, 2, 3), f32(2)], (x, w, bias) =>
      ops.convTranspose1d(x!, w!, { stride: 2, padding: 1, outputPadding: 1, bias }),
    ),
  ],
  convTranspose2d: [
    call("all options", [f32(2, 4, 3, 2), f32(4, 3, 2, 3), f32(6)], (x, w, bias) =>
      ops.convTranspose2d(x!, w!, { stride: [2, 3], padding: [0, 1], groups: 2, bias }),
    ),
    call("one image, channels last, integers", [i32(2, 3, 2), i32(2, 2, 1, 2)], (x, w) =>
      ops.convTranspose2d(x!, w!, { layout: "NHWC" }),
    ),
  ],
  maxPool1d: poolCalls((x) => ops.maxPool1d(x, 2), [f32(2, 3, 4), f32(3, 4)]),
  maxPool2d: [
    ...poolCalls((x) => ops.maxPool2d(x, 2), [f32(2, 3, 4, 5), i32(3, 4, 4), f32(0, 1, 2, 2)]),
    ...poolCalls(
      (x) => ops.maxPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true, layout: "NHWC" }),
      [u8(1, 6, 6, 2)],
    ),
  ],
  avgPool1d: poolCalls((x) => ops.avgPool1d(x, 2, { padding: 1 }), [f32(2, 3, 4), f32(3, 4)]),
  avgPool2d: [
    ...poolCalls((x) => ops.avgPool2d(x, 2), [f64(2, 3, 4, 5), i32(3, 4, 4), f32(0, 1, 2, 2)]),
    ...poolCalls(
      (x) => ops.avgPool2d(x, 3, { padding: 1, countIncludePad: false, layout: "NHWC" }),
      [f32(1, 6, 6, 2)],
    ),
  ],
  adaptiveAvgPool1d: poolCalls((x) => ops.adaptiveAvgPool1d(x, 3), [f32(1, 2, 5)]),
  adaptiveAvgPool2d: poolCalls(
    (x) => ops.adaptiveAvgPool2d(x, [2, null]),
    [f32(1, 2, 5, 4), f32(2, 4, 4)],
  ),
  adaptiveMaxPool1d: poolCalls((x) => ops.adaptiveMaxPool1d(x, 3), [f32(1, 2, 5)]),
  adaptiveMaxPool2d: poolCalls((x) => ops.adaptiveMaxPool2d(x, 2), [f32(1, 2, 5, 4), f32(2, 4, 4)]),
  all: reduceCalls(ops.all),
  any: reduceCalls(ops.any),
  argmax: reduceCalls(ops.argmax),
  argmin: reduceCalls(ops.argmin),
  max: reduceCalls(ops.max),
  mean: reduceCalls(ops.mean),
  min: reduceCalls(ops.min),
  prod: reduceCalls(ops.prod),
  sum: reduceCalls(ops.sum),
  countNonzero: reduceCalls(ops.countNonzero),
  median: reduceCalls(ops.median),
  nanmean: reduceCalls(ops.nanmean),
  nansum: reduceCalls(ops.nansum),
  norm: [
    ...reduceCalls((x, axes, options) => ops.norm(x, axes, options)),
    call("p = 0", [i32(2, 3)], (x) => ops.norm(x!, 1, { p: 0 })),
    call("p = 3", [f32(2, 3)], (x) => ops.norm(x!, null, { p: 3 })),
    call("the largest", [f64(2, 3)], (x) => ops.norm(x!, 0, { p: Infinity })),
  ],
  percentile: [call("one", [f32(2, 3)], (x) => ops.percentile(x!, 30, 1))],
  quantile: [
    call("one", [f32(2, 3)], (x) => ops.quantile(x!, 0.3)),
    call("several", [i32(2, 3)], (x) => ops.quantile(x!, [0, 0.5], 0, { keepdims: true })),
    call("of nothing", [f32(2, 0)], (x) => ops.quantile(x!, [0.5], 1)),
  ],
  std: reduceCalls((x, axes, options) => ops.std(x, axes, options)),
  var: reduceCalls((x, axes, options) => ops.var(x, axes, options)),
  cumprod: scanCalls(ops.cumprod),
  cumsum: scanCalls(ops.cumsum),
  logcumsumexp: scanCalls(ops.logcumsumexp),
  cummax: scanCalls((x, axis) => valuesOf(ops.cummax(x, axis))),
  cummin: scanCalls((x, axis) => valuesOf(ops.cummin(x, axis))),
  recurrence: [
    call("broadcast", [f32(2, 1), f64(3)], (a, b) => ops.recurrence(a!, b!)),
    call("integers", [i32(3), u8(3)], (a, b) => ops.recurrence(a!, b!, 0)),
  ],
  diff: [
    call("twice", [f32(2, 4)], (x) => ops.diff(x!, 2)),
    call("bool", [bool(3, 2)], (x) => ops.diff(x!, 1, 0)),
  ],
  argsort: scanCalls((x, axis) => ops.argsort(x, axis)),
  sort: scanCalls((x, axis) => ops.sort(x, axis, { descending: true })),
  topk: [
    call("largest", [f32(2, 3)], (x) => valuesOf(ops.topk(x!, 2))),
    call("smallest", [i32(3, 2)], (x) => valuesOf(ops.topk(x!, 1, 0, { largest: false }))),
  ],
  logsumexp: reduceCalls(ops.logsumexp),
  softmax: softmaxCalls(ops.softmax),
  logSoftmax: softmaxCalls(ops.logSoftmax),
  normalize: [
    call("last axis", [f32(2, 3)], (x) => ops.normalize(x!, -1)),
    call("scaled", [f32(2, 3), f64(3), f32()], (x, weight, bias) =>
      ops.normalize(x!, 0, { weight, bias }),
    ),
    call("all axes", [i32(2, 3)], (x) => ops.normalize(x!)),
    call("no elements", [f32(2, 0)], (x) => ops.normalize(x!, 0)),
  ],
  softmaxCrossEntropy: [
    call("a matrix", [f32(2, 3), i32(2)], (x, labels) => ops.softmaxCrossEntropy(x!, labels!)),
    call("a row", [i32(3), u8()], (x, labels) => ops.softmaxCrossEntropy(x!, labels!)),
    call("no rows", [f64(0, 3), i32(0)], (x, labels) => ops.softmaxCrossEntropy(x!, labels!)),
  ],
  broadcastTo: [call("any", [f32(3, 1)], (x) => ops.broadcastTo(x!, [2, 3, 4]))],
  flatten: [
    call("all", [f32(2, 3)], (x) => ops.flatten(x!)),
    call("some, transposed", [f32(2, 3, 4)], (x) => x!.transpose().flatten(1)),
  ],
  flip: [
    call("one axis", [f32(2, 3)], (x) => ops.flip(x!, 0)),
    call("all", [i32(2, 3)], (x) => ops.flip(x!)),
  ],
  permute: [call("any", [f32(2, 3, 4)], (x) => ops.permute(x!, [2, 0, -2]))],
  reshape: [
    call("a view", [f32(2, 3)], (x) => ops.reshape(x!, [3, -1])),
    call("a copy, transposed", [f32(2, 3)], (x) => x!.transpose().reshape([6])),
  ],
  slice: [call("all forms", [f32(4, 5, 6)], (x) => ops.slice(x!, "::-2", null, "...", -1))],
  squeeze: [
    call("all", [f32(1, 3, 1)], (x) => ops.squeeze(x!)),
    call("one", [f32(1, 3, 1)], (x) => ops.squeeze(x!, -1)),
  ],
  transpose: [
    call("last two", [f32(2, 3, 4)], (x) => ops.transpose(x!)),
    call("named", [f32(2, 3, 4)], (x) => ops.transpose(x!, [0, -1])),
  ],
  unsqueeze: [call("last", [f32(2)], (x) => ops.unsqueeze(x!, -1))],
  swapaxes: [call("any", [f32(2, 3, 4)], (x) => ops.swapaxes(x!, 0, -1))],
  moveaxis: [
    call("one", [f32(2, 3, 4)], (x) => ops.moveaxis(x!, 0, -1)),
    call("two", [f32(2, 3, 4)], (x) => ops.moveaxis(x!, [0, 1], [1, 2])),
  ],
  expand: [call("any", [f32(3, 1)], (x) => ops.expand(x!, [2, -1, 4]))],
  split: [
    call("in two", [f32(2, 4)], (x) => part(ops.split(x!, 2, 1))),
    call("at positions", [i32(5)], (x) => part(ops.split(x!, [1, -1]))),
  ],
  chunk: [call("in three", [u8(7)], (x) => part(ops.chunk(x!, 3)))],
  unstack: [call("last axis", [f32(2, 3)], (x) => part(ops.unstack(x!, -1)))],
  meshgrid: [
    call("xy", [f32(2), i32(3)], (...vectors) => part(meshgrid(vectors))),
    call("ij", [f32(2), i32()], (...vectors) => part(meshgrid(vectors, { indexing: "ij" }))),
  ],
  tile: [
    call("more axes", [f32(2)], (x) => ops.tile(x!, [2, 3])),
    call("as it is", [bool(2, 2)], (x) => ops.tile(x!, 1)),
  ],
  repeat: [
    call("a number", [f32(2, 2)], (x) => ops.repeat(x!, 3)),
    call("a list", [i32(2, 2)], (x) => ops.repeat(x!, [0, 2], 1)),
  ],
  roll: [
    call("flattened", [f32(2, 3)], (x) => ops.roll(x!, 2)),
    call("nowhere", [f32(2, 3)], (x) => ops.roll(x!, 3, 1)),
    call("two axes", [u8(2, 3)], (x) => ops.roll(x!, [1, -1], [0, 1])),
  ],
  pad: [
    call("constant", [f32(2, 3)], (x) => ops.pad(x!, 1, { value: 4 })),
    call("reflect", [i32(4)], (x) => ops.pad(x!, [2, 5], { mode: "reflect" })),
    call("nothing", [i32(4)], (x) => ops.pad(x!, 0, { mode: "circular" })),
  ],
  dilate: [call("both axes", [f32(2, 3)], (x) => ops.dilate(x!, [0, 1], 1))],
  undilate: [call("one axis", [f32(2, 4)], (x) => ops.undilate(x!, 1, 1))],
  unfold: [call("dilated", [f32(2, 7)], (x) => ops.unfold(x!, 1, 3, 2, { dilation: 2 }))],
  fold: [
    call("overlapping", [f32(3, 3)], (x) => ops.fold(x!, 0, 5)),
    call("with gaps", [bool(2, 2)], (x) => ops.fold(x!, 0, 6, 3)),
    call("overlapping bools", [bool(3, 3)], (x) => ops.fold(x!, 0, 5)),
  ],
  asStrided: [call("tiles", [f32(4, 4)], (x) => ops.asStrided(x!, [2, 2, 2, 2], [8, 2, 4, 1]))],
  diagonal: [call("above", [f32(2, 3, 4)], (x) => ops.diagonal(x!, 1, [0, 2]))],
  undiagonal: [call("below", [f32(2)], (x) => ops.undiagonal(x!, [3, 2], -1))],
  diag: [
    call("of a vector", [i32(2)], (x) => ops.diag(x!, 1)),
    call("of a matrix", [f32(2, 3)], (x) => ops.diag(x!)),
  ],
  trace: [call("bool", [bool(3, 3)], (x) => ops.trace(x!, 1))],
  tril: [call("batch", [f32(2, 3, 3)], (x) => ops.tril(x!, -1))],
  triu: [call("bool", [bool(3, 3)], (x) => ops.triu(x!))],
};

/** A call of an op whose result has a shape that depends on values. */
function reading(about: string, inputs: readonly ArrayInput[], run: OpCall["run"]): OpCall {
  return { about, inputs, run, reads: true };
}

/** The second of an op's results, and nothing of the others. */
function part(results: readonly NDArray[]): NDArray {
  for (const [i, result] of results.entries()) if (i !== 1) result.dispose();
  return results[1]!;
}

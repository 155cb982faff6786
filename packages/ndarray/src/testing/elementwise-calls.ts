/** Calls of the elementwise ops: those of the kernel tables, and those composed of others. */
import { type BinaryOp, binaryOps, type UnaryOp, unaryOps } from "../backend.ts";
import type { NDArray } from "../ndarray.ts";
import * as ops from "../ops/index.ts";
import { type ArrayInput, bool, call, f32, f64, i32, type OpCall, u8 } from "./call.ts";

/** Every dtype an elementwise op of one input takes. */
function unaryCalls(
  run: ops.Unary,
  inputs: readonly ArrayInput[] = [f32(2, 3), f64(), i32(3), u8(0, 2)],
): OpCall[] {
  return inputs.map((input) => call(input.dtype, [input], (x) => run(x!)));
}

/** Broadcasting, mixed dtypes, and a number on the right. */
function binaryCalls(run: ops.Binary): OpCall[] {
  return [
    call("float32 with float32", [f32(2, 3), f32(2, 3)], (a, b) => run(a!, b!)),
    call("broadcast", [f32(4, 1, 3), f64(2, 1)], (a, b) => run(a!, b!)),
    call("int32 with uint8", [i32(2, 3), u8(3)], (a, b) => run(a!, b!)),
    call("bool with float32", [bool(3), f32()], (a, b) => run(a!, b!)),
    call("a number", [i32(2)], (a) => run(a!, 2)),
    call("a fraction", [u8(2)], (a) => run(a!, 0.5)),
    call("no elements", [f32(0, 3), f32(3)], (a, b) => run(a!, b!)),
  ];
}

/** Bits: whole dtypes, mixed and broadcast. */
function bitCalls(run: ops.Binary): OpCall[] {
  return [
    call("int32 with uint8", [i32(2, 3), u8(3)], (a, b) => run(a!, b!)),
    call("a number", [u8(2)], (a) => run(a!, 2)),
    call("no elements", [i32(0, 3), i32(3)], (a, b) => run(a!, b!)),
  ];
}

const bitOps: ReadonlySet<string> = new Set<BinaryOp>([
  "bitwiseAnd",
  "bitwiseOr",
  "bitwiseXor",
  "leftShift",
  "rightShift",
]);

type ComposedUnary =
  | "celu"
  | "deg2rad"
  | "elu"
  | "erfinv"
  | "frac"
  | "hardshrink"
  | "hardsigmoid"
  | "hardswish"
  | "hardtanh"
  | "leakyRelu"
  | "logit"
  | "mish"
  | "nanToNum"
  | "rad2deg"
  | "relu6"
  | "selu"
  | "signbit"
  | "sinc"
  | "softplus"
  | "softshrink"
  | "softsign"
  | "tanhshrink"
  | "threshold";

type ComposedBinary = "isClose" | "lerp" | "logaddexp2" | "xlogy";

/** Ops of one array composed of others. */
const composedUnary: Record<ComposedUnary, ops.Unary> = {
  celu: (x) => ops.celu(x, 2),
  deg2rad: ops.deg2rad,
  elu: (x) => ops.elu(x, 2),
  erfinv: ops.erfinv,
  frac: ops.frac,
  hardshrink: (x) => ops.hardshrink(x),
  hardsigmoid: ops.hardsigmoid,
  hardswish: ops.hardswish,
  hardtanh: (x) => ops.hardtanh(x, -1, 2),
  leakyRelu: (x) => ops.leakyRelu(x),
  logit: ops.logit,
  mish: ops.mish,
  nanToNum: (x) => ops.nanToNum(x),
  rad2deg: ops.rad2deg,
  relu6: ops.relu6,
  selu: ops.selu,
  signbit: ops.signbit,
  sinc: ops.sinc,
  softplus: (x) => ops.softplus(x, { beta: 2 }),
  softshrink: (x) => ops.softshrink(x),
  softsign: ops.softsign,
  tanhshrink: ops.tanhshrink,
  threshold: (x) => ops.threshold(x, 1, 2),
};

const composedBinary: Record<ComposedBinary, ops.Binary> = {
  isClose: (a, b) => ops.isClose(a as NDArray, b),
  lerp: (a, b) => ops.lerp(a as NDArray, b, 0.5),
  logaddexp2: ops.logaddexp2,
  xlogy: ops.xlogy,
};

function callsOf<Name extends string, Run>(
  table: Readonly<Record<Name, Run>>,
  calls: (run: Run) => OpCall[],
): Record<Name, OpCall[]> {
  const named = (Object.keys(table) as Name[]).map((name) => [name, calls(table[name])]);
  return Object.fromEntries(named) as Record<Name, OpCall[]>;
}

/** The tables of `backend.ts` name the ops of kernels, so none is missed. */
function kernelCalls(): Record<UnaryOp | BinaryOp | "where" | "clamp", readonly OpCall[]> {
  const table: typeof ops = ops;
  const unary = Object.keys(unaryOps) as UnaryOp[];
  const binary = Object.keys(binaryOps) as BinaryOp[];
  const named = [
    ...unary.map((op) => [
      op,
      unaryCalls(table[op], unaryOps[op] === "bool" ? [f32(2, 3), bool(3)] : undefined),
    ]),
    ...binary.map((op) => [op, bitOps.has(op) ? bitCalls(table[op]) : binaryCalls(table[op])]),
  ];
  return {
    ...(Object.fromEntries(named) as Record<UnaryOp | BinaryOp, OpCall[]>),
    where: [
      call("broadcast", [bool(2, 1), f32(3), i32()], (c, a, b) => ops.where(c!, a!, b!)),
      call("numbers", [f32(3)], (c) => ops.where(c!, 1, 2)),
      call("an array and a number", [bool(2), u8(2)], (c, a) => ops.where(c!, a!, 300)),
    ],
    clamp: [
      call("both sides", [f32(2, 3)], (x) => ops.clamp(x!, -1, 1)),
      call("one side", [i32(3)], (x) => ops.clamp(x!, null, 0)),
      call("no side", [i32(3)], (x) => ops.clamp(x!, null, null)),
      call("arrays", [f32(2, 3), f32(3), f32()], (x, low, high) => ops.clamp(x!, low!, high!)),
    ],
  };
}

type ElementwiseOp =
  | UnaryOp
  | BinaryOp
  | ComposedUnary
  | ComposedBinary
  | "where"
  | "clamp"
  | "allClose"
  | "bitwiseNot";

/** Every elementwise op. */
export const elementwiseCalls: Record<ElementwiseOp, readonly OpCall[]> = {
  ...kernelCalls(),
  ...callsOf<ComposedUnary, ops.Unary>(composedUnary, unaryCalls),
  ...callsOf<ComposedBinary, ops.Binary>(composedBinary, binaryCalls),
  allClose: [call("broadcast", [f32(2, 3), i32(3)], (a, b) => ops.allClose(a!, b!))],
  bitwiseNot: [call("any", [u8(3)], (x) => ops.bitwiseNot(x!))],
};

/**
 * Unary and binary ops and `where`: which kernel takes a call, and how operands that lie across are
 * brought in line.
 */
import {
  type BinaryOp,
  binaryOps,
  type DType,
  isFloat,
  type KernelOperand,
  type UnaryOp,
  unaryOps,
  type View,
} from "@needle/ndarray";
import { cheap, costly } from "./calls.ts";
import { addressOf, type Context, kernelOf, kernelTable, operandAddress } from "./context.ts";
import type { Kernel } from "./module.ts";
import { createStraight } from "./straight.ts";

/** The elementwise part of a backend. */
export interface Elementwise {
  unary(op: UnaryOp, out: View, x: View): void;
  binary(op: BinaryOp, out: View, a: KernelOperand, b: KernelOperand): void;
  where(out: View, condition: View, a: KernelOperand, b: KernelOperand): void;
}

/** What takes a nanosecond an element and not a tenth of it. */
const costlyOps: ReadonlySet<UnaryOp | BinaryOp> = new Set<UnaryOp | BinaryOp>([
  "exp",
  "expm1",
  "log",
  "log1p",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
  "asinh",
  "acosh",
  "atanh",
  "sigmoid",
  "logSigmoid",
  "silu",
  "gelu",
  "erf",
  "erfc",
  "exp2",
  "log2",
  "log10",
  "pow",
  "fmod",
  "remainder",
  "floorDivide",
  "atan2",
  "hypot",
  "logaddexp",
]);

/** What a unary op on whole numbers, or on bytes alone, leaves as it is. */
const idleOnWhole = ["floor", "ceil", "round", "trunc"] as const satisfies UnaryOp[];
const idleOnBytes = [...idleOnWhole, "abs", "relu"] as const satisfies UnaryOp[];

/** What bools are computed with as bytes are; their sum is `logicalOr`. */
const boolOps = [
  ...["mul", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge"],
  ...["logicalAnd", "logicalOr", "logicalXor", "bitwiseAnd", "bitwiseOr", "bitwiseXor"],
] as readonly BinaryOp[];

type Table<Op extends string> = Partial<Record<Op, Kernel>>;

export function createElementwise(context: Context): Elementwise {
  const { kernels, layout, calls, fallback } = context;
  const { addresses } = calls;
  const unaryNames = Object.keys(unaryOps) as UnaryOp[];
  const binaryNames = Object.keys(binaryOps) as BinaryOp[];
  const [copy1, copy4] = [kernelOf(kernels, "copy1"), kernelOf(kernels, "copy4")];
  const unaryKernels: Record<DType, Table<UnaryOp>> = {
    float32: kernelTable(kernels, unaryNames, "Float32"),
    float64: kernelTable(kernels, unaryNames, "Float64"),
    int32: { ...kernelTable(kernels, unaryNames, "Int32"), ...all(idleOnWhole, copy4) },
    uint8: { ...kernelTable(kernels, unaryNames, "Uint8"), ...all(idleOnBytes, copy1) },
    bool: kernelTable(kernels, ["logicalNot"], "Uint8"),
  };
  const binaryKernels: Record<DType, Table<BinaryOp>> = {
    float32: kernelTable(kernels, binaryNames, "Float32"),
    float64: kernelTable(kernels, binaryNames, "Float64"),
    int32: kernelTable(kernels, binaryNames, "Int32"),
    uint8: kernelTable(kernels, binaryNames, "Uint8"),
    bool: {
      ...kernelTable(kernels, boolOps, "Uint8"),
      add: kernelOf(kernels, "logicalOrUint8"),
    },
  };
  const [where1, where4, where8] = ["where1", "where4", "where8"].map((name) =>
    kernelOf(kernels, name),
  ) as [Kernel, Kernel, Kernel];
  const whereKernels: Record<DType, Kernel> = {
    bool: where1,
    uint8: where1,
    int32: where4,
    float32: where4,
    float64: where8,
  };
  const run = createStraight(context);

  return {
    unary(op, out, x) {
      const kernel = unaryKernels[x.dtype][op];
      addresses[0] = addressOf(op, out);
      addresses[1] = addressOf(op, x);
      if (kernel === undefined || addresses[0] === 0 || addresses[1] === 0)
        return fallback.unary(op, out, x);
      if (!layout.set(out, x)) return;
      run(kernel, 2, isWord(x.dtype) ? 1 : 2, costlyOps.has(op) ? costly : cheap);
    },

    binary(op, out, a, b) {
      const dtype = typeof a !== "number" ? a.dtype : typeof b !== "number" ? b.dtype : out.dtype;
      if (op === "pow" && typeof b === "number" && typeof a !== "number" && isFloat(dtype)) {
        if (b === 2) return this.unary("square", out, a);
        if (b === -1) return this.unary("reciprocal", out, a);
      }
      const kernel = binaryKernels[dtype][op];
      addresses[0] = addressOf(op, out);
      addresses[1] = operandAddress(context, op, a, 0, dtype);
      addresses[2] = operandAddress(context, op, b, 1, dtype);
      if (kernel === undefined || addresses[0] === 0 || addresses[1] === 0 || addresses[2] === 0) {
        return fallback.binary(op, out, a, b);
      }
      if (!layout.set(out, a, b)) return;
      run(kernel, 3, isWord(dtype) ? 1 : 3, costlyOps.has(op) ? costly : cheap);
    },

    where(out, condition, a, b) {
      const { dtype } = out;
      addresses[0] = addressOf("where", out);
      addresses[1] = addressOf("where", condition);
      addresses[2] = operandAddress(context, "where", a, 0, dtype);
      addresses[3] = operandAddress(context, "where", b, 1, dtype);
      if (addresses.includes(0)) return fallback.where(out, condition, a, b);
      if (layout.set(out, condition, a, b))
        run(whereKernels[dtype], 4, isWord(dtype) ? 2 : 4, cheap);
    },
  };
}

/** Whether elements have four bytes, in which they are turned. */
function isWord(dtype: DType): boolean {
  return dtype === "float32" || dtype === "int32";
}

/** The same kernel for some ops. */
function all<Op extends string>(ops: readonly Op[], kernel: Kernel): Table<Op> {
  return Object.fromEntries(ops.map((op) => [op, kernel])) as Table<Op>;
}

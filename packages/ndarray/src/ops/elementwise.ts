/**
 * Elementwise ops on arrays, with NumPy broadcasting. Each is one line: its kernel's name says the
 * rest, and the table in `backend.ts` says which dtype it gives.
 */
import {
  type BinaryOp,
  binaryOps,
  type Operand as KernelOperand,
  type UnaryOp,
  unaryOps,
  type View,
} from "../backend.ts";
import { empty } from "../create.ts";
import { type DType, isFloat, promote, promoteNumber, toFloat } from "../dtype.ts";
import { ArgumentError, DTypeError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, broadcastStrides, type Shape, sameShape } from "../shape.ts";
import { astype } from "./cast.ts";
import { sameBackend } from "./common.ts";

/** An array, or a number that stands for every element. */
export type Operand = NDArray | number;

/** An elementwise function of one array. */
export type Unary = (x: NDArray) => NDArray;

/** An elementwise function of two operands, at least one of them an array. */
export type Binary = (a: Operand, b: Operand) => NDArray;

function unary(op: UnaryOp): Unary {
  const kind = unaryOps[op];
  const run = (x: NDArray): NDArray => {
    x.checkAlive(op);
    if (x.dtype === "bool" && kind === "same") throw boolError(op);
    if (kind === "float" && !isFloat(x.dtype)) return scope(() => run(astype(x, "float32")));
    const out = empty(x.shape, { dtype: kind === "bool" ? "bool" : x.dtype, backend: x.backend });
    x.backend.unary(op, out.view(op), x.view(op));
    return out;
  };
  return run;
}

function binary(op: BinaryOp): Binary {
  const kind = binaryOps[op];
  const run = (a: Operand, b: Operand): NDArray => {
    const backend = sameBackend(op, a, b);
    const common = commonDType(a, b);
    if (common === "bool" && op === "sub") throw boolError(op);
    const dtype = kind === "float" ? toFloat(common) : common;
    if (needsCast(a, dtype) || needsCast(b, dtype))
      return scope(() => run(cast(a, dtype), cast(b, dtype)));
    const shape = broadcastOperands(op, a, b);
    const out = empty(shape, { dtype: kind === "bool" ? "bool" : dtype, backend });
    backend.binary(op, out.view(op), stretch(op, a, shape), stretch(op, b, shape));
    return out;
  };
  return run;
}

function boolError(op: string): DTypeError {
  return new DTypeError(
    op,
    "not defined for bool",
    "Use logicalNot or logicalXor, or convert with astype first.",
  );
}

/** The dtype in which two operands are combined. */
function commonDType(a: Operand, b: Operand): DType {
  if (typeof b === "number") return promoteNumber((a as NDArray).dtype, b);
  return typeof a === "number" ? promoteNumber(b.dtype, a) : promote(a.dtype, b.dtype);
}

function needsCast(x: Operand, dtype: DType): boolean {
  return typeof x !== "number" && x.dtype !== dtype;
}

function cast(x: Operand, dtype: DType): Operand {
  return typeof x === "number" ? x : astype(x, dtype);
}

function broadcastOperands(op: string, a: Operand, b: Operand): Shape {
  if (typeof a === "number") return typeof b === "number" ? [] : b.shape;
  return typeof b === "number" || sameShape(a.shape, b.shape)
    ? a.shape
    : broadcastShapes(op, a.shape, b.shape);
}

/** An operand as kernels take it: stretched to `shape` without a copy. */
function stretch(op: string, x: Operand, shape: Shape): KernelOperand {
  return typeof x === "number" ? x : stretchView(op, x, shape);
}

function stretchView(op: string, x: NDArray, shape: Shape): View {
  const view = x.view(op);
  if (sameShape(view.shape, shape)) return view;
  return { ...view, shape, strides: broadcastStrides(op, view.shape, view.strides, shape) };
}

/** `-x`. */
export const neg: Unary = unary("neg");
/** `|x|`. */
export const abs: Unary = unary("abs");
/** -1, 0 or 1; NaN for NaN. */
export const sign: Unary = unary("sign");
/** `x * x`. */
export const square: Unary = unary("square");
/** `max(x, 0)`. */
export const relu: Unary = unary("relu");
/** The largest whole number not above x. */
export const floor: Unary = unary("floor");
/** The smallest whole number not below x. */
export const ceil: Unary = unary("ceil");
/**
 * The nearest whole number, halves to the even one (as NumPy and PyTorch).
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([0.5, 1.5, 2.5, -0.7]).round(); // => [ 0.  2.  2. -1.]
 */
export const round: Unary = unary("round");
/** x without its fraction. */
export const trunc: Unary = unary("trunc");
/** `e^x`. */
export const exp: Unary = unary("exp");
/**
 * `e^x - 1`, exact near 0.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([1e-7]);
 * x.expm1(); // => [1.0000001e-07]
 * x.exp().sub(1); // => [1.1920929e-07]
 */
export const expm1: Unary = unary("expm1");
/** The natural logarithm. */
export const log: Unary = unary("log");
/** `log(1 + x)`, exact near 0. */
export const log1p: Unary = unary("log1p");
/** The square root. */
export const sqrt: Unary = unary("sqrt");
/** `1 / sqrt(x)`. */
export const rsqrt: Unary = unary("rsqrt");
/** `1 / x`. */
export const reciprocal: Unary = unary("reciprocal");
/** The sine of x radians. */
export const sin: Unary = unary("sin");
/** The cosine of x radians. */
export const cos: Unary = unary("cos");
/** The tangent of x radians. */
export const tan: Unary = unary("tan");
/** The hyperbolic tangent. */
export const tanh: Unary = unary("tanh");
/**
 * `1 / (1 + e^-x)`.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([-100, 0, 100]).sigmoid(); // => [3.8e-44 5.0e-01 1.0e+00]
 */
export const sigmoid: Unary = unary("sigmoid");
/** Whether x is NaN. */
export const isNaN: Unary = unary("isNaN");
/** Whether x is neither infinite nor NaN. */
export const isFinite: Unary = unary("isFinite");
/** Whether x is an infinity. */
export const isInf: Unary = unary("isInf");
/** Whether x is zero. */
export const logicalNot: Unary = unary("logicalNot");

/**
 * `a + b`; for bools, logical or.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1], [2]]).add(array([10, 20])); // => [[11. 21.] [12. 22.]]
 * array([1, 2]).add(0.5); // => [1.5 2.5]
 */
export const add: Binary = binary("add");
/** `a - b`. */
export const sub: Binary = binary("sub");
/** `a * b`; for bools, logical and. */
export const mul: Binary = binary("mul");
/**
 * `a / b`; integers give float32.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2], { dtype: "int32" }).div(2); // => [0.5 1. ]
 */
export const div: Binary = binary("div");
/**
 * The larger of the two; NaN if either is.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 5, Number.NaN]).maximum(3); // => [ 3.  5. nan]
 */
export const maximum: Binary = binary("maximum");
/** The smaller of the two; NaN if either is. */
export const minimum: Binary = binary("minimum");
/** `a == b`. */
export const eq: Binary = binary("eq");
/** `a != b`. */
export const ne: Binary = binary("ne");
/** `a < b`. */
export const lt: Binary = binary("lt");
/** `a <= b`. */
export const le: Binary = binary("le");
/** `a > b`. */
export const gt: Binary = binary("gt");
/** `a >= b`. */
export const ge: Binary = binary("ge");
/** Whether both are non-zero. */
export const logicalAnd: Binary = binary("logicalAnd");
/** Whether either is non-zero. */
export const logicalOr: Binary = binary("logicalOr");
/**
 * Whether exactly one is non-zero.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([true, true]).logicalXor(array([true, false])); // => [False  True]
 */
export const logicalXor: Binary = binary("logicalXor");

const power = binary("pow");

/**
 * `a` to the power `b`.
 *
 * @throws ArgumentError for integers to a negative whole power, which would not be whole.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2, 3]).pow(2); // => [1. 4. 9.]
 * array([4, 9]).pow(0.5); // => [2. 3.]
 */
export function pow(a: Operand, b: Operand): NDArray {
  const dtype = commonDType(a, b);
  if (typeof b === "number" && b < 0 && (dtype === "int32" || dtype === "uint8")) {
    throw new ArgumentError(
      "pow",
      `integers to the power ${b} are not whole`,
      'Convert with astype("float32") first.',
    );
  }
  return power(a, b);
}

/**
 * Elements of `a` where `condition` is true, of `b` elsewhere; all three broadcast.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([true, false, true]).where(array([1, 2, 3]), 0); // => [1. 0. 3.]
 */
export function where(condition: NDArray, a: Operand, b: Operand): NDArray {
  const backend = sameBackend("where", condition, a, b);
  const both = typeof a === "number" && typeof b === "number";
  const dtype = both ? "float32" : commonDType(a, b);
  if (needsCast(condition, "bool") || needsCast(a, dtype) || needsCast(b, dtype)) {
    return scope(() => where(astype(condition, "bool"), cast(a, dtype), cast(b, dtype)));
  }
  const shape = broadcastShapes("where", condition.shape, broadcastOperands("where", a, b));
  const out = empty(shape, { dtype, backend });
  const mask = stretchView("where", condition, shape);
  backend.where(out.view("where"), mask, stretch("where", a, shape), stretch("where", b, shape));
  return out;
}

/**
 * Each element limited to `[min, max]`; NaN stays.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([-2, 0.5, 3]).clamp(-1, 1); // => [-1.   0.5  1. ]
 * array([-2, 0.5, 3]).clamp(0, null); // => [0.  0.5 3. ]
 */
export function clamp(x: NDArray, min: Operand | null, max: Operand | null): NDArray {
  x.checkAlive("clamp");
  return scope(() => {
    const raised = min === null ? x : maximum(x, min);
    return max === null ? raised : minimum(raised, max);
  });
}

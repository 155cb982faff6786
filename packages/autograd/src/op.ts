/**
 * How ops are made. An op is stated once: its value on arrays, then its derivative on tensors.
 * Three families need one fact each and derive both modes of differentiation from it; only the rest
 * state both.
 *
 * | family | states | reverse mode | forward mode |
 * |---|---|---|---|
 * | elementwise | `g` times each partial derivative | that, summed over broadcast axes | the sum of that over the inputs |
 * | linear | the transpose | the transpose of `g` | the op itself on the tangent |
 * | bilinear | the two transposes | the transpose of `g` | `f(da, b) + f(a, db)` |
 */
import {
  ArgumentError,
  args,
  broadcastAxes,
  isFloat,
  type NDArray,
  sameShape,
  show,
} from "@needle/ndarray";
import { zerosLike } from "./create.ts";
import { isDifferentiable, Node, type Rule, type Saves } from "./graph.ts";
import { isRecording } from "./mode.ts";
import { isTensor, type Operand, Tensor } from "./tensor.ts";
import { seen, seenAll, showResult } from "./watch.ts";

/** An elementwise function of one tensor. */
export type Unary = (x: Tensor) => Tensor;

/** An elementwise function of two operands that broadcast, at least one of them a tensor. */
export type Binary = (a: Operand, b: Operand) => Tensor;

/**
 * `g` times the partial derivative of `y` with respect to one input. Linear in `g`, which may be an
 * adjoint or a tangent.
 */
export type Partial<Inputs extends readonly Operand[]> = (
  g: Tensor,
  y: Tensor,
  ...inputs: Inputs
) => Tensor;

/** The values of operands, as array ops take them. */
export function valuesOf(op: string, operands: readonly Operand[]): (NDArray | number)[] {
  return operands.map((x) => {
    if (typeof x === "number") return x;
    if (isTensor(x)) return seen(x).value;
    throw new ArgumentError(
      op,
      `operands are tensors or numbers, got ${show(x)}`,
      "Make one with tensor(...).",
    );
  });
}

/** The values of operands that must be tensors. */
export function arraysOf(op: string, operands: readonly Tensor[]): NDArray[] {
  if (!Array.isArray(operands)) {
    throw new ArgumentError(op, `takes tensors in an array, got ${show(operands)}`);
  }
  checkTensors(op, operands);
  return operands.map((x) => seen(x).value);
}

/** The value of the one operand of an op. */
function valueOf(op: string, x: Tensor): NDArray {
  checkTensors(op, [x]);
  return seen(x).value;
}

/** What an op is called. */
export const nameKind: args.Kind = {
  expected: "a name",
  holds: (value) => typeof value === "string" && value !== "",
};

const values = ["nothing", "inputs", "output", "both"] as const;

/** Which values a derivative reads. */
export const savesKind: args.Kind = {
  expected: `${args.oneOf(...values).expected}, or the positions of inputs`,
  holds: (value) =>
    values.includes(value as (typeof values)[number]) || args.arrayOf(args.whole(0)).holds(value),
};

/** Throws unless an op of a family has a name and its functions. */
function checkOp(family: string, name: string, functions: Readonly<Record<string, unknown>>): void {
  args.check(family, "name", name, nameKind);
  args.checkEach(family, functions, args.callback);
}

/** A tensor, as options hold it. */
export const tensorKind: args.Kind = { expected: "a tensor", holds: isTensor };

/** Throws unless all operands are tensors, for ops that take no numbers. */
export function checkTensors(op: string, operands: readonly Tensor[]): void {
  for (const x of operands) {
    if (isTensor(x)) continue;
    const problem = `operands are tensors, got ${show(x)}`;
    throw new ArgumentError(op, problem, "Make one with tensor(...).");
  }
}

/** The tensor an op gives, with its place in the graph when it is to be differentiated. */
export function record(
  rule: Rule,
  value: NDArray,
  inputs: readonly Operand[],
  params: readonly unknown[],
): Tensor {
  const needed = isRecording() && isFloat(value.dtype) && isDifferentiable(inputs);
  if (!needed) return showResult(rule.name, new Tensor(value), inputs);
  const node = new Node(rule, seenAll(inputs, isTensor), seenAll(params, isTensor));
  if (rule.saves === "output" || rule.saves === "both") node.save(value);
  return showResult(rule.name, new Tensor(value, { node }), inputs);
}

/** The parameters of an op, as array ops take them. */
function paramsOf<Params extends readonly unknown[]>(params: Params): Params {
  return params.map((p) => (isTensor(p) ? seen(p).value : p)) as unknown as Params;
}

/** An op without a derivative: comparisons, positions, one-hot vectors. */
export function constant<Args extends readonly unknown[]>(
  forward: (...args: never[]) => NDArray,
): (...operands: Args) => Tensor {
  args.check("constant", "forward", forward, args.callback);
  return (...operands) => new Tensor(forward(...(paramsOf(operands) as unknown as never[])));
}

/**
 * An op on each element, of any number of inputs that broadcast.
 *
 * @param partials - one an input.
 * @param saves - which values the partials read.
 *
 * @example
 * import { elementwise, grad, tensor } from "@needle/autograd";
 * import * as nd from "@needle/ndarray";
 * // d atanh(x) / dx = 1 / (1 - x^2)
 * const atanh = elementwise(
 *   "atanh",
 *   (x) => nd.mul(nd.log(nd.div(nd.add(1, x), nd.sub(1, x))), 0.5),
 *   [(g, y, x) => g.div(x.square().neg().add(1))],
 *   "inputs",
 * );
 * grad((x) => atanh(x))(tensor(0.5, { dtype: "float64" })).mul(3).round(); // => 4.0
 */
export function elementwise<Inputs extends readonly Operand[]>(
  name: string,
  forward: (...inputs: never[]) => NDArray,
  partials: readonly Partial<Inputs>[],
  saves: Saves,
): (...inputs: Inputs) => Tensor {
  checkOp("elementwise", name, { forward });
  args.check("elementwise", "partials", partials, args.arrayOf(args.callback));
  args.check("elementwise", "saves", saves, savesKind);
  const rule: Rule = {
    name,
    saves,
    vjp(i, g, y, { inputs }) {
      const input = inputs[i] as Tensor;
      const partial = partials[i]!(g, y, ...(inputs as unknown as Inputs));
      return unbroadcast(partial, input.shape).astype(input.dtype);
    },
    jvp(tangents, y, { inputs }) {
      const parts = tangents.flatMap((tangent, i) => {
        if (tangent === null) return [];
        const part = partials[i]!(tangent.astype(y.dtype), y, ...(inputs as unknown as Inputs));
        return [sameShape(part.shape, y.shape) ? part : part.broadcastTo(y.shape)];
      });
      return parts.reduce((a, b) => a.add(b));
    },
  };
  return (...inputs) => record(rule, forward(...(valuesOf(name, inputs) as never[])), inputs, []);
}

/**
 * A linear op of one tensor; the parameters after it are constants.
 *
 * @param transpose - turns the adjoint of the output into that of `x`, of which it may read shape
 *   and dtype only.
 *
 * @example
 * import { linear, tensor, zerosLike } from "@needle/autograd";
 * const first = linear(
 *   "first",
 *   (x, count) => x.slice([0, count]),
 *   (g, x, count) => g.unslice(x.shape, [0, count]),
 * );
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * first(x, 2).mul(5).backward();
 * x.grad; // => [5. 5. 0.]
 */
export function linear<Params extends readonly unknown[]>(
  name: string,
  forward: (x: NDArray, ...params: Params) => NDArray,
  transpose: (g: Tensor, x: Tensor, ...params: Params) => Tensor,
): (x: Tensor, ...params: Params) => Tensor {
  checkOp("linear", name, { forward, transpose });
  const rule: Rule = {
    name,
    saves: "nothing",
    vjp: (_i, g, _y, { inputs, params }) =>
      transpose(g, inputs[0] as Tensor, ...(params as unknown as Params)),
    jvp: ([tangent], _y, { params }) => op(tangent!, ...(params as unknown as Params)),
  };
  const op = (x: Tensor, ...params: Params): Tensor => {
    const values = paramsOf(params);
    return record(rule, forward(valueOf(name, x), ...values), [x], params);
  };
  return op;
}

/**
 * An op linear in all its tensors together, such as joining them: a tangent of zero is filled in
 * where one is missing.
 */
export function jointlyLinear<Params extends readonly unknown[]>(
  name: string,
  forward: (inputs: readonly NDArray[], ...params: Params) => NDArray,
  transpose: (i: number, g: Tensor, inputs: readonly Tensor[], ...params: Params) => Tensor,
): (inputs: readonly Tensor[], ...params: Params) => Tensor {
  checkOp("jointlyLinear", name, { forward, transpose });
  const rule: Rule = {
    name,
    saves: "nothing",
    vjp: (i, g, _y, { inputs, params }) =>
      transpose(i, g, inputs as readonly Tensor[], ...(params as unknown as Params)).astype(
        (inputs[i] as Tensor).dtype,
      ),
    jvp: (tangents, _y, { inputs, params }) =>
      op(
        tangents.map((tangent, i) => tangent ?? zerosLike(inputs[i] as Tensor)),
        ...(params as unknown as Params),
      ),
  };
  const op = (inputs: readonly Tensor[], ...params: Params): Tensor => {
    const values = paramsOf(params);
    return record(rule, forward(arraysOf(name, inputs), ...values), inputs, params);
  };
  return op;
}

const twoFunctions: args.Kind = {
  expected: "two functions",
  holds: (value) => args.arrayOf(args.callback).holds(value) && (value as unknown[]).length === 2,
};

/**
 * An op linear in each of two tensors.
 *
 * @example
 * import { bilinear, tensor } from "@needle/autograd";
 * // The outer product of vectors a and b: da = G b, db = G^T a.
 * const outer = bilinear("outer", (a, b) => a.unsqueeze(1).mul(b), [
 *   (g, a, b) => g.matmul(b),
 *   (g, a) => a.matmul(g),
 * ]);
 * const a = tensor([1, 2], { requiresGrad: true });
 * outer(a, tensor([3, 4, 5])).sum().backward();
 * a.grad; // => [12. 12.]
 */
export function bilinear(
  name: string,
  forward: (a: NDArray, b: NDArray) => NDArray,
  transposes: readonly [
    (g: Tensor, a: Tensor, b: Tensor) => Tensor,
    (g: Tensor, a: Tensor, b: Tensor) => Tensor,
  ],
): (a: Tensor, b: Tensor) => Tensor {
  checkOp("bilinear", name, { forward });
  args.check("bilinear", "transposes", transposes, twoFunctions);
  const rule: Rule = {
    name,
    saves: "inputs",
    vjp(i, g, _y, { inputs }) {
      const [a, b] = inputs as [Tensor, Tensor];
      return transposes[i]!(g, a, b).astype((inputs[i] as Tensor).dtype);
    },
    jvp([da, db], _y, { inputs }) {
      const [a, b] = inputs as [Tensor, Tensor];
      const parts = [da ? op(da, b) : null, db ? op(a, db) : null].filter((part) => part !== null);
      return parts.reduce((left, right) => left.add(right));
    },
  };
  const op = (a: Tensor, b: Tensor): Tensor => {
    const [left, right] = arraysOf(name, [a, b]) as [NDArray, NDArray];
    return record(rule, forward(left, right), [a, b], []);
  };
  return op;
}

/** An op of one tensor that states both modes itself. */
export function general<Params extends readonly unknown[]>(
  name: string,
  forward: (x: NDArray, ...params: Params) => NDArray,
  derivative: {
    readonly saves: Saves;
    readonly vjp: (g: Tensor, y: Tensor, x: Tensor, ...params: Params) => Tensor;
    readonly jvp: (tangent: Tensor, y: Tensor, x: Tensor, ...params: Params) => Tensor;
  },
): (x: Tensor, ...params: Params) => Tensor {
  checkOp("general", name, { forward });
  const kinds = { saves: savesKind, vjp: args.callback, jvp: args.callback };
  args.checkOptions("general", derivative, kinds, ["saves", "vjp", "jvp"]);
  const rule: Rule = {
    name,
    saves: derivative.saves,
    vjp: (_i, g, y, { inputs, params }) =>
      derivative.vjp(g, y, inputs[0] as Tensor, ...(params as unknown as Params)),
    jvp: ([tangent], y, { inputs, params }) =>
      derivative.jvp(tangent!, y, inputs[0] as Tensor, ...(params as unknown as Params)),
  };
  return (x, ...params) => record(rule, forward(valueOf(name, x), ...params), [x], params);
}

/** The transpose of broadcasting: sums over the axes along which `shape` was stretched. */
export function unbroadcast(g: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(g.shape, shape)) return g;
  return g.sum(broadcastAxes(shape, g.shape)).reshape(shape);
}

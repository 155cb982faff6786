/** Whole matrices of derivatives, and products with them that never build the matrix. */
import { args, type DType, fromTypedArray, scope, typedArray } from "@needle/ndarray";
import { gradients } from "./backward.ts";
import { zeros } from "./create.ts";
import { jvp, linearize } from "./forward.ts";
import { isRecording } from "./mode.ts";
import { stack } from "./ops/joining.ts";
import { Tensor } from "./tensor.ts";
import { settle, trace } from "./trace.ts";
import { grad, vjp } from "./transforms.ts";
import { checkTree, leavesLike, leavesOf, replaceLeaves, type Tree, withLeaves } from "./tree.ts";

/** For each tensor of `Out` the form of `In`: its derivative by each tensor of that. */
export type Jacobian<Out extends Tree, In extends Tree> = Out extends Tensor
  ? In
  : { [Key in keyof Out]: Out[Key] extends Tree ? Jacobian<Out[Key], In> : never };

/** How a Jacobian is computed. */
export interface JacobianOptions {
  /**
   * `reverse`: a backward pass for each element of the result; `forward`: a pass for each element
   * of the input. Take the smaller of the two. Default reverse.
   */
  readonly mode?: "forward" | "reverse";
}

/**
 * All partial derivatives of `f` at `x`, with shape `[...result, ...x]`. Where `f` takes or gives
 * nested arrays and objects of tensors, there is one such tensor for each pair: in the form of the
 * result, each place holding the form of `x`.
 *
 * @example
 * import { jacobian, tensor } from "@needle/autograd";
 * jacobian((x) => x.square(), tensor([1, 2])); // => [[2. 0.]
 *    //     [0. 4.]]
 * jacobian(({ a, b }) => a.mul(b), { a: tensor(3), b: tensor(5) }).a; // => 5.0
 */
export function jacobian<T extends Tree, Out extends Tree>(
  f: (x: T) => Out,
  x: T,
  options: JacobianOptions = {},
): Jacobian<Out, T> {
  const { mode = "reverse" } = args.checkOptions("jacobian", options, { mode: modeKind });
  args.check("jacobian", "f", f, args.callback);
  checkTree("jacobian", "x must be", x);
  return scope(() => (mode === "reverse" ? byRows(f, x) : byColumns(f, x)));
}

/**
 * The function that gives the matrix of second derivatives of `f`, which gives one number: shape
 * `[...x, ...x]`, or a tree of trees as `jacobian` gives. Forward over reverse mode: `f` is
 * recorded once.
 *
 * @example
 * import { hessian, tensor } from "@needle/autograd";
 * const f = (x) => x.slice(0).square().mul(x.slice(1)); // a^2 b
 * hessian(f)(tensor([2, 5])); // => [[10.  4.]
 *    //     [ 4.  0.]]
 */
export function hessian<T extends Tree>(f: (x: T) => Tensor): (x: T) => Jacobian<T, T> {
  args.check("hessian", "f", f, args.callback);
  return (x) => {
    checkTree("hessian", "x must be", x);
    return jacobian<T, T>(grad(f), x, { mode: "forward" });
  };
}

/** How a product with the Hessian is computed. */
export interface HvpOptions {
  /** Over the gradient, which is reverse mode. Default forward, the cheaper of the two. */
  readonly mode?: "forward" | "reverse";
}

/**
 * The Hessian of `f` at `x`, times `v`, of the form and shapes of `x`: at the cost of a few runs of
 * `f`, without building the matrix.
 *
 * @example
 * import { hvp, tensor } from "@needle/autograd";
 * hvp((x) => x.pow(3).sum(), tensor([1, 2]), tensor([1, 10])); // => [  6. 120.]
 */
export function hvp<T extends Tree>(
  f: (x: T) => Tensor,
  x: T,
  v: NoInfer<T>,
  options: HvpOptions = {},
): T {
  args.check("hvp", "f", f, args.callback);
  const { mode = "forward" } = args.checkOptions("hvp", options, { mode: modeKind });
  checkTree("hvp", "x must be", x);
  leavesLike("hvp", "v", x, v);
  return scope(() => {
    if (mode === "forward") return jvp<[T], T>(grad(f), [x], [v])[1];
    const [, pullback] = vjp<[T], T>(grad(f), [x]);
    return pullback(v)[0];
  });
}

const modeKind = args.oneOf("forward", "reverse");

/** A row for each element of the results, by reverse mode. */
function byRows<T extends Tree, Out extends Tree>(f: (x: T) => Out, x: T): Jacobian<Out, T> {
  const { primals, result, nested } = trace<[T], Out>("jacobian", f, [x]);
  const createGraph = isRecording() && nested;
  const options = { createGraph, retainGraph: true };
  return replaceLeaves(result, (y) => {
    const rows = Array.from({ length: y.size }, (_, i) =>
      scope(() => gradients([y], primals, { seeds: [unit(y, i)], ...options })),
    );
    const blocks = primals.map((primal, k) =>
      joined(
        rows.map((row) => row[k]!),
        [...y.shape, ...primal.shape],
        primal,
      ),
    );
    return withLeaves(x, settle(blocks, createGraph));
  }) as Jacobian<Out, T>;
}

/** A column for each element of the inputs, by forward mode. */
function byColumns<T extends Tree, Out extends Tree>(f: (x: T) => Out, x: T): Jacobian<Out, T> {
  const [result, pushforward] = linearize<[T], Out>(f, [x]);
  const leaves = leavesOf(x);
  const outputs = leavesOf(result);
  // blocks[k][o]: the derivative of output o by input k.
  const blocks = leaves.map((leaf, k) => {
    const columns = Array.from({ length: leaf.size }, (_, i) =>
      scope(() => {
        const tangents = leaves.map((other, j) =>
          j === k
            ? unit(other, i)
            : zeros(other.shape, { dtype: other.dtype, backend: other.backend }),
        );
        return leavesOf(pushforward(withLeaves(x, tangents)));
      }),
    );
    return outputs.map((y, o) => {
      const all = joined(
        columns.map((column) => column[o]!),
        [...leaf.shape, ...y.shape],
        y,
      );
      const order = [...all.shape.keys()];
      return all.permute([...order.slice(leaf.ndim), ...order.slice(0, leaf.ndim)]);
    });
  });
  let next = 0;
  return replaceLeaves(result, () => {
    const o = next++;
    return withLeaves(
      x,
      blocks.map((block) => block[o]!),
    );
  }) as Jacobian<Out, T>;
}

/** Parts stacked along new first axes; `like` says of what dtype where there are none. */
function joined(parts: readonly Tensor[], shape: readonly number[], like: Tensor): Tensor {
  if (parts.length > 0) return stack(parts).reshape(shape);
  return zeros(shape, { dtype: like.dtype, backend: like.backend });
}

/** 1 at one element and 0 elsewhere, of the shape of `x`. */
function unit(x: Tensor, position: number): Tensor {
  const values = typedArray(x.dtype, x.size);
  values[position] = 1;
  return new Tensor(fromTypedArray<DType>(values, x.shape, { dtype: x.dtype, backend: x.backend }));
}

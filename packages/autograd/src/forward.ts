/** Forward mode: tangents are carried along the recorded graph in the order of computation. */
import { ArgumentError, args, scope } from "@needle/ndarray";
import { zerosLike } from "./create.ts";
import { ancestors, checkDerivative } from "./graph.ts";
import { isRecording, withRecording } from "./mode.ts";
import type { Tensor } from "./tensor.ts";
import { checkCall, settle, type Trace, trace } from "./trace.ts";
import { leavesLike, type Tree, withLeaves } from "./tree.ts";

/**
 * The value of `f` at `inputs` and its derivative along `tangents`: forward mode, one pass for one
 * direction. Inputs and results are tensors, or nested arrays and objects of them; tangents have
 * the form of the inputs.
 *
 * @throws ArgumentError when there are more or fewer tangents than inputs, ShapeError when a
 *   tangent's shape is not its input's.
 *
 * @example
 * import { jvp, tensor } from "@needle/autograd";
 * const [y, dy] = jvp((x) => x.square(), [tensor([1, 2])], [tensor([1, 10])]);
 * y; // => [1. 4.]
 * dy; // => [ 2. 40.]
 */
export function jvp<Inputs extends readonly [] | readonly Tree[], Out extends Tree>(
  f: (...inputs: NoInfer<Inputs>) => Out,
  inputs: Inputs,
  tangents: NoInfer<Readonly<Inputs>>,
): [Out, Out] {
  checkCall("jvp", f, inputs);
  const directions = checkTangents("jvp", inputs, tangents);
  return scope(() => {
    const traced = trace("jvp", f as (...inputs: Inputs) => Out, inputs);
    const nested = isNestedAlong(traced, directions);
    const slopes = withRecording(nested, () =>
      pushForward(traced.outputs, traced.primals, directions, nested),
    );
    const settled = settle([...traced.outputs, ...slopes], nested);
    const count = traced.outputs.length;
    return [
      withLeaves(traced.result, settled.slice(0, count)),
      withLeaves(traced.result, settled.slice(count)),
    ];
  });
}

/**
 * The value of `f` at `inputs`, and its derivative there as a function of the tangents: what `jvp`
 * gives, for many directions at the cost of one run of `f`.
 *
 * @throws as `jvp`.
 *
 * @example
 * import { linearize, tensor } from "@needle/autograd";
 * const [y, pushforward] = linearize((x) => x.square(), [tensor([1, 2])]);
 * pushforward(tensor([1, 0])); // => [2. 0.]
 * pushforward(tensor([0, 1])); // => [0. 4.]
 */
export function linearize<Inputs extends readonly [] | readonly Tree[], Out extends Tree>(
  f: (...inputs: NoInfer<Inputs>) => Out,
  inputs: Inputs,
): [Out, (...tangents: NoInfer<Inputs>) => Out] {
  const traced = trace("linearize", f as (...inputs: Inputs) => Out, inputs);
  const pushforward = (...tangents: NoInfer<Inputs>): Out => {
    const directions = checkTangents("linearize", inputs, tangents as Inputs);
    return scope(() => {
      const nested = isNestedAlong(traced, directions);
      const slopes = withRecording(nested, () =>
        pushForward(traced.outputs, traced.primals, directions, true),
      );
      return withLeaves(traced.result, settle(slopes, nested));
    });
  };
  return [withLeaves(traced.result, settle(traced.outputs, traced.nested)), pushforward];
}

/** Whether the tangents of the outputs can be differentiated by anything. */
function isNestedAlong({ nested }: Trace<Tree>, directions: readonly Tensor[]): boolean {
  return isRecording() && (nested || directions.some((t) => t.requiresGrad));
}

/** The tangents of each tensor of the inputs. */
function checkTangents(op: string, inputs: readonly Tree[], tangents: readonly Tree[]): Tensor[] {
  args.check(op, "the tangents", tangents, { expected: "an array", holds: Array.isArray });
  if (tangents.length !== inputs.length) {
    throw new ArgumentError(op, `${inputs.length} inputs but ${tangents.length} tangents`);
  }
  return inputs.flatMap((input, i) =>
    leavesLike(op, `the tangent of input ${i}`, input, tangents[i]!),
  );
}

/**
 * Carries tangents from `primals` to `outputs`, through every tensor between, oldest first. The
 * walk does not go past tensors that are an `isEnd`.
 */
export function pushForward(
  outputs: readonly Tensor[],
  primals: readonly Tensor[],
  tangents: readonly Tensor[],
  retainGraph: boolean,
  isEnd: (x: Tensor) => boolean = () => false,
): Tensor[] {
  const known = new Map<Tensor, Tensor>();
  primals.forEach((primal, i) => {
    known.set(primal, tangents[i]!.astype(primal.dtype).reshape(primal.shape));
  });
  for (const tensor of ancestors(outputs, (x) => known.has(x) || isEnd(x)).toReversed()) {
    const { node } = tensor;
    if (node === null || known.has(tensor)) continue;
    const incoming = node.inputs.map((x) =>
      typeof x === "number" ? null : (known.get(x) ?? null),
    );
    if (incoming.every((tangent) => tangent === null)) continue;
    node.checkSaved("jvp");
    const tangent = scope(() => node.rule.jvp(incoming, tensor, node), { label: "jvp()" });
    checkDerivative(node.rule, "tangent", tangent, tensor);
    known.set(tensor, tangent);
    if (!retainGraph) node.free("jvp()");
  }
  return outputs.map((y) => known.get(y) ?? zerosLike(y));
}

/** Ops stated as a pair of functions, forward and backward, that may hand values over. */
import { args, type NDArray, NeedleError, scope } from "@needle/ndarray";
import { adjointsOf } from "./backward.ts";
import { zerosLike } from "./create.ts";
import type { Node, Rule, Saves } from "./graph.ts";
import { enableGrad, isRecording } from "./mode.ts";
import { arraysOf, nameKind, record, savesKind } from "./op.ts";
import { Tensor } from "./tensor.ts";

/** What a custom op's derivative may read. */
export interface OpContext<Params extends readonly unknown[]> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** What `forward` saved, as constants. */
  readonly saved: readonly Tensor[];
  /** What the op was called with after its inputs. */
  readonly params: Params;
  /** For each input, whether its derivative is asked for. */
  readonly needed: readonly boolean[];
}

/** A custom op: its value on arrays and its derivative on tensors. */
export interface CustomOp<Params extends readonly unknown[]> {
  /** Named in errors. */
  readonly name: string;
  /** The value; `save` keeps arrays for the derivative. */
  readonly forward: (
    inputs: readonly NDArray[],
    context: { readonly params: Params; readonly save: (...arrays: NDArray[]) => void },
  ) => NDArray;
  /** The adjoint of each input, from that of the output; null for zero. */
  readonly vjp: (g: Tensor, context: OpContext<Params>) => readonly (Tensor | null)[];
  /**
   * The tangent of the output, from those of the inputs, null for zero. If left out, it is found by
   * differentiating `vjp`, which must then use tensors' ops on `g`.
   */
  readonly jvp?: (tangents: readonly (Tensor | null)[], context: OpContext<Params>) => Tensor;
  /** Which values the derivative reads. Default both the inputs and the output. */
  readonly saves?: Saves;
  /**
   * Whether the derivative can be differentiated again: not where it reads saved values that
   * depend on the inputs. Default `once` if `forward` saves anything, else `always`.
   */
  readonly differentiable?: "once" | "always";
}

const kinds: args.Kinds<CustomOp<readonly unknown[]>> = {
  name: nameKind,
  forward: args.callback,
  vjp: args.callback,
  jvp: args.callback,
  saves: savesKind,
  differentiable: args.oneOf("once", "always"),
};

/**
 * An op of several tensors from a forward and a backward function, as PyTorch's
 * `autograd.Function`. `forward` may save arrays for the derivative; the families `elementwise`,
 * `linear`, `bilinear` and `composite` need less to be stated.
 *
 * @throws NeedleError, when a derivative is taken, if `vjp` gives another number of adjoints than
 *   there are inputs, if a derivative of a derivative is asked for that would be wrong, or if
 *   forward mode cannot be derived.
 *
 * @example
 * import { customOp, grad, tensor } from "@needle/autograd";
 * import * as nd from "@needle/ndarray";
 * // Rounds, and lets gradients pass as if it did not.
 * const straightThrough = customOp({
 *   name: "straightThrough",
 *   forward: ([x]) => nd.round(x),
 *   vjp: (g) => [g],
 * });
 * straightThrough([tensor([0.4, 1.6])]); // => [0. 2.]
 * grad((x) => straightThrough([x]).mul(3).sum())(tensor([0.4, 1.6])); // => [3. 3.]
 */
export function customOp<Params extends readonly unknown[] = []>(
  definition: CustomOp<Params>,
): (inputs: readonly Tensor[], ...params: Params) => Tensor {
  const required = ["name", "forward", "vjp"] as const;
  const { name, forward } = args.checkOptions("customOp", definition, kinds, required);
  const rule = ruleOf(definition);
  return (inputs, ...params) => {
    const { value, saved } = scope(
      () => {
        const saved: NDArray[] = [];
        const save = (...arrays: NDArray[]): void => void saved.push(...arrays);
        return { value: forward(arraysOf(name, inputs), { params, save }), saved };
      },
      { label: name },
    );
    const y = record(rule, value, inputs, [params, ...saved.map((array) => new Tensor(array))]);
    // From here on the graph is their only owner; without one nobody needs them.
    const others = new Set([value, ...inputs.map((x) => x.value)]);
    for (const array of saved) if (!others.has(array) && !array.kept) array.drop(name);
    return y;
  };
}

function ruleOf<Params extends readonly unknown[]>(definition: CustomOp<Params>): Rule {
  const { name, saves = "both", vjp, jvp } = definition;
  const contextOf = (y: Tensor, node: Node, needed: readonly boolean[]): OpContext<Params> => {
    const [params, ...saved] = node.params as unknown as [Params, ...Tensor[]];
    checkOrder(definition, saved);
    return { inputs: node.inputs as readonly Tensor[], output: y, saved, params, needed };
  };
  const adjoints = (g: Tensor, context: OpContext<Params>): readonly (Tensor | null)[] => {
    const found = vjp(g, context);
    if (found.length === context.inputs.length) return found;
    throw new NeedleError(
      name,
      `vjp must give an adjoint for each of ${context.inputs.length} inputs, got ${found.length}`,
      "Give null for those that are zero.",
    );
  };
  const rule: Rule = {
    name,
    saves,
    vjp: (i, g, y, node) => rule.vjps!([i], g, y, node)[0]!,
    vjps(needed, g, y, node) {
      const context = contextOf(
        y,
        node,
        node.inputs.map((_, i) => needed.includes(i)),
      );
      const found = adjoints(g, context);
      return needed.map((i) => found[i] ?? zerosLike(context.inputs[i]!));
    },
    jvp(tangents, y, node) {
      const context = contextOf(
        y,
        node,
        tangents.map((t) => t !== null),
      );
      return jvp
        ? jvp(tangents, context)
        : transposed(name, tangents, y, (u) => adjoints(u, context));
    },
  };
  return rule;
}

/** A derivative that reads saved values does not see how they depend on the inputs. */
function checkOrder<Params extends readonly unknown[]>(
  { name, differentiable }: CustomOp<Params>,
  saved: readonly Tensor[],
): void {
  if (!isRecording() || (differentiable ?? (saved.length > 0 ? "once" : "always")) === "always")
    return;
  throw new NeedleError(
    name,
    "its derivative cannot be differentiated: it reads values that forward saved",
    'Compute them from the inputs in vjp, or state { differentiable: "always" } if they are constants.',
  );
}

/**
 * Forward mode from reverse mode: the adjoints are linear in `u`, and the transpose of that map
 * takes tangents of the inputs to the tangent of the output.
 */
function transposed(
  name: string,
  tangents: readonly (Tensor | null)[],
  y: Tensor,
  adjoints: (u: Tensor) => readonly (Tensor | null)[],
): Tensor {
  const u = zerosLike(y);
  u.requiresGrad = true;
  const parts = enableGrad(() => adjoints(u));
  const moving = [...tangents.keys()].filter((i) => tangents[i] !== null && parts[i] !== null);
  for (const i of moving) {
    if (parts[i]!.requiresGrad) continue;
    throw new NeedleError(
      name,
      `forward mode cannot be derived: the adjoint of input ${i} was not computed by ops of tensors`,
      "State a jvp, or give null for adjoints that are zero.",
    );
  }
  if (moving.length === 0) return zerosLike(y);
  const seeds = moving.map((i) => tangents[i]!);
  const outputs = moving.map((i) => parts[i]!);
  return adjointsOf(outputs, [u], { seeds, createGraph: isRecording() })[0]!;
}

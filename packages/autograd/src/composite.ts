/**
 * Ops that are compositions of others, with faster ways to the same value and gradients. The
 * composition is the definition: it gives forward mode and gradients of gradients, and the tests
 * compare the faster ways with it.
 */
import { args, type NDArray, scope } from "@needle/ndarray";
import { quietly } from "./anomaly.ts";
import type { Rule } from "./graph.ts";
import { isRecording, withRecording } from "./mode.ts";
import { arraysOf, nameKind, record } from "./op.ts";
import { adjointsThrough, type Recomputation, tangentThrough } from "./recompute.ts";
import type { Tensor } from "./tensor.ts";

/** How a composite op is computed; the parameters after the inputs are constants. */
export interface Composition<Params extends readonly unknown[]> {
  /** The op in terms of others. */
  readonly compose: (inputs: readonly Tensor[], ...params: Params) => Tensor;
  /** The same value, faster. */
  readonly forward?: (inputs: readonly NDArray[], ...params: Params) => NDArray;
  /**
   * The adjoint of input `i`, faster. Asked only where it will not be differentiated itself, so it
   * may use ops that have no derivative.
   */
  readonly vjp?: (
    i: number,
    g: Tensor,
    y: Tensor,
    inputs: readonly Tensor[],
    ...params: Params
  ) => Tensor;
  /** Whether `vjp` reads `y`, which is then kept until the backward pass. Default false. */
  readonly savesOutput?: boolean;
}

const kinds: args.Kinds<Composition<readonly unknown[]>> = {
  compose: args.callback,
  forward: args.callback,
  vjp: args.callback,
  savesOutput: args.flag,
};

/**
 * The rule of an op that is a composition of others, for ops that record their results themselves.
 */
export function compositeRule<Params extends readonly unknown[]>(
  name: string,
  composition: Composition<Params>,
): Rule {
  const { compose, savesOutput = false } = composition;
  const again = (params: Params): Recomputation => ({
    name,
    run: (xs) => compose(xs, ...params),
    outside: [],
  });
  const rule: Rule = {
    name,
    saves: savesOutput ? "both" : "inputs",
    vjp: (i, g, y, node) => rule.vjps!([i], g, y, node)[0]!,
    vjps(needed, g, y, node) {
      const inputs = node.inputs as readonly Tensor[];
      const params = node.params as unknown as Params;
      const { vjp } = composition;
      if (vjp !== undefined && !isRecording()) {
        return needed.map((i) => vjp(i, g, y, inputs, ...params));
      }
      return adjointsThrough(again(params), needed, g, inputs);
    },
    jvp: (tangents, _y, node) =>
      tangentThrough(
        again(node.params as unknown as Params),
        tangents,
        node.inputs as readonly Tensor[],
      ),
  };
  return rule;
}

/**
 * An op that is a composition of others. Between its forward and its backward pass it keeps its
 * inputs only: what the composition needs besides is computed again.
 *
 * @example
 * import { composite, grad, tensor } from "@needle/autograd";
 * const softsign = composite("softsign", { compose: ([x]) => x.div(x.abs().add(1)) });
 * softsign([tensor([-3, 1])]); // => [-0.75  0.5 ]
 * grad((x) => softsign([x]))(tensor(1)); // => 0.25
 */
export function composite<Params extends readonly unknown[] = []>(
  name: string,
  composition: Composition<Params>,
): (inputs: readonly Tensor[], ...params: Params) => Tensor {
  const { compose, forward } = args.checkOptions("composite", composition, kinds, ["compose"]);
  args.check("composite", "name", name, nameKind);
  const rule = compositeRule(name, composition);
  return (inputs, ...params) => {
    const values = arraysOf(name, inputs);
    const value =
      forward === undefined
        ? composed(() => compose(inputs, ...params))
        : forward(values, ...params);
    return record(rule, value, inputs, params);
  };
}

function composed(compose: () => Tensor): NDArray {
  return quietly(() => scope(() => withRecording(false, compose).value));
}

/**
 * Differentiation as functions of functions. They can be nested in any order: what one computes is
 * recorded like everything else, so another can differentiate it.
 */
import { ArgumentError, scope, showShape } from "@needle/ndarray";
import { gradients } from "./backward.ts";
import { zerosLike } from "./create.ts";
import { ancestors, checkDerivative } from "./graph.ts";
import { enableGrad, isRecording, withRecording } from "./mode.ts";
import { isTensor, newestId, Tensor } from "./tensor.ts";
import { leavesOf, mapTree, type Tree } from "./tree.ts";

/**
 * Stand-ins for `tree`'s tensors, which the function is differentiated by. They stay linked to
 * tensors that are being recorded.
 */
function standIns<T extends Tree>(tree: T): T {
  return mapTree(tree, (x) =>
    isRecording() && x.requiresGrad ? x.clone() : new Tensor(x.value, { requiresGrad: true }),
  );
}

/**
 * Whether anything besides `inputs` can be differentiated through `outputs`: then their adjoints
 * must be recorded, too.
 */
function isNested(outputs: readonly Tensor[], inputs: readonly Tensor[]): boolean {
  const own = new Set(inputs.filter((x) => x.node === null));
  return isRecording() && ancestors(outputs).some((x) => x.node === null && !own.has(x));
}

/** Results that nothing outside depends on are freed from the graph they came from. */
function settle(outputs: readonly Tensor[], nested: boolean): Tensor[] {
  return nested ? [...outputs] : outputs.map((x) => x.detach());
}

function checked(op: string, y: Tensor): Tensor {
  if (isTensor(y)) return y;
  throw new ArgumentError(op, `the function must return a tensor, got ${typeof y}`);
}

function scalar(op: string, y: Tensor): Tensor {
  if (checked(op, y).size === 1) return y;
  const got = showShape(y.shape);
  throw new ArgumentError(
    op,
    `the function must return a tensor of one element, got ${got}`,
    "Sum it, or use vjp.",
  );
}

/**
 * A function that gives both the value of `f`, which must have one element, and the gradient with
 * respect to its first argument: a tensor, or nested arrays and objects of tensors, whose form the
 * gradient takes.
 *
 * @example
 * import { tensor, valueAndGrad } from "@needle/autograd";
 * const loss = ({ w, b }) => w.mul(3).add(b).square().sum();
 * const [value, gradient] = valueAndGrad(loss)({ w: tensor(1), b: tensor(2) });
 * value; // => 25.0
 * gradient.w; // => 30.0
 */
export function valueAndGrad<T extends Tree, Rest extends readonly unknown[]>(
  f: (x: T, ...rest: Rest) => Tensor,
): (x: T, ...rest: Rest) => [Tensor, T] {
  return (x, ...rest) =>
    scope(() => {
      const inputs = standIns(x);
      const leaves = leavesOf(inputs);
      const y = scalar(
        "valueAndGrad",
        enableGrad(() => f(inputs, ...rest)),
      );
      const nested = isNested([y], leaves);
      const adjoints = gradients([y], leaves, { createGraph: nested });
      const results = settle([y, ...adjoints], nested);
      let next = 1;
      return [results[0]!, mapTree(x, () => results[next++]!)];
    });
}

/**
 * The function that gives the gradient of `f` with respect to its first argument. `grad(grad(f))`
 * is the second derivative.
 *
 * @example
 * import { grad, tensor } from "@needle/autograd";
 * grad((x) => x.pow(3))(tensor(2)); // => 12.0
 * grad(grad((x) => x.pow(3)))(tensor(2)); // => 12.0
 */
export function grad<T extends Tree, Rest extends readonly unknown[]>(
  f: (x: T, ...rest: Rest) => Tensor,
): (x: T, ...rest: Rest) => T {
  const both = valueAndGrad(f);
  return (x, ...rest) =>
    scope(() => {
      const since = newestId();
      const [y, gradient] = both(x, ...rest);
      forget(y, leavesOf(gradient), since);
      return gradient;
    });
}

/** Frees the graph of `y` as far as it was made `since` and `kept` do not need it. */
function forget(y: Tensor, kept: readonly Tensor[], since: number): void {
  const needed = new Set(ancestors(kept));
  for (const x of ancestors([y])) if (x.id > since && !needed.has(x)) x.node?.free("grad()");
}

/**
 * The value of `f` at `inputs`, and the function that takes an adjoint of it (ones unless given) to
 * the adjoints of the inputs: one reverse pass, all partial derivatives. It can be called several
 * times.
 *
 * @example
 * import { tensor, vjp } from "@needle/autograd";
 * const [y, pullback] = vjp((x, w) => x.mul(w), [tensor([1, 2]), tensor([3, 4])]);
 * y; // => [3. 8.]
 * pullback(tensor([1, 10]))[0]; // => [ 3. 40.]
 */
export function vjp<Inputs extends readonly Tensor[]>(
  f: (...inputs: Inputs) => Tensor,
  inputs: Inputs,
): [Tensor, (seed?: Tensor) => Tensor[]] {
  const primals = standIns(inputs as readonly Tensor[]);
  const y = scope(() =>
    checked(
      "vjp",
      enableGrad(() => f(...(primals as unknown as Inputs))),
    ),
  );
  const nested = isNested([y], primals);
  const pullback = (seed?: Tensor): Tensor[] =>
    scope(() => {
      const createGraph = isRecording() && (nested || seed?.requiresGrad === true);
      const seeds = seed && [seed];
      return settle(
        gradients([y], primals, { seeds, retainGraph: true, createGraph }),
        createGraph,
      );
    });
  return [nested ? y : y.detach(), pullback];
}

/**
 * The value of `f` at `inputs` and its derivative along `tangents`: forward mode, one pass for one
 * direction. Tangents are carried along the recorded graph in the order in which it was computed.
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
export function jvp<Inputs extends readonly Tensor[]>(
  f: (...inputs: Inputs) => Tensor,
  inputs: Inputs,
  tangents: Inputs,
): [Tensor, Tensor] {
  if (tangents.length !== inputs.length) {
    throw new ArgumentError("jvp", `${inputs.length} inputs but ${tangents.length} tangents`);
  }
  inputs.forEach((x, i) => {
    tangents[i]!.expectShape("jvp", x.shape);
  });
  return scope(() => {
    const primals = standIns(inputs as readonly Tensor[]);
    const y = checked(
      "jvp",
      enableGrad(() => f(...(primals as unknown as Inputs))),
    );
    const nested =
      isRecording() && (isNested([y], primals) || tangents.some((t) => t.requiresGrad));
    const dy = withRecording(nested, () => pushForward(y, primals, tangents, nested));
    return settle([y, dy], nested) as [Tensor, Tensor];
  });
}

/** Carries tangents from `primals` to `y`, through every tensor between them, oldest first. */
function pushForward(
  y: Tensor,
  primals: readonly Tensor[],
  tangents: readonly Tensor[],
  retainGraph: boolean,
): Tensor {
  const known = new Map<Tensor, Tensor>();
  primals.forEach((primal, i) => {
    known.set(primal, tangents[i]!.astype(primal.dtype).reshape(primal.shape));
  });
  for (const tensor of ancestors([y], new Set(primals)).toReversed()) {
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
  return known.get(y) ?? zerosLike(y);
}

/**
 * Reverse mode by extending the graph: adjoints are computed with the same ops as everything else,
 * so with `createGraph` they can be differentiated again.
 */
import { ArgumentError, args, type NDArray, scope, showShape } from "@needle/ndarray";
import { checkAdjoint, isDetecting, quietly } from "./anomaly.ts";
import { onesLike, zerosLike } from "./create.ts";
import { ancestors, checkDerivative, type Node } from "./graph.ts";
import { withRecording } from "./mode.ts";
import { checkTensors, tensorKind } from "./op.ts";
import { runHooks } from "./run-hooks.ts";
import { newestId, type Tensor } from "./tensor.ts";

/** What happens to the graph in a backward pass. */
export interface BackwardOptions {
  /** Keep the graph for another backward pass. Default: what `createGraph` is. */
  readonly retainGraph?: boolean;
  /** Record the adjoints, so that they can be differentiated. Default false. */
  readonly createGraph?: boolean;
}

/** Options of `gradients`. */
export interface GradientsOptions extends BackwardOptions {
  /** The adjoints of the outputs; ones unless given. */
  readonly seeds?: readonly Tensor[];
}

const backwardOptions: args.Kinds<BackwardOptions> = {
  retainGraph: args.flag,
  createGraph: args.flag,
};

const adjointKind: args.Kind = {
  ...tensorKind,
  remedy: "Options come after it: backward(undefined, { retainGraph: true }).",
};

/** What is given to `gradients`. */
const tensors = args.arrayOf(tensorKind);
const gradientsOptions: args.Kinds<GradientsOptions> = { ...backwardOptions, seeds: tensors };

/**
 * Adds the gradient of `output` to `.grad` of every leaf it was computed from that requires one.
 *
 * @param seed - the adjoint of `output`, of its shape; ones unless given.
 * @throws MemoryError when the graph was freed by an earlier call (pass `retainGraph` to that), or
 *   a value it saved has changed.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([[1, 2]], { requiresGrad: true });
 * const w = tensor([[3], [4]], { requiresGrad: true });
 * x.matmul(w).backward();
 * x.grad; // => [[3. 4.]]
 */
export function backward(output: Tensor, seed?: Tensor, options: BackwardOptions = {}): void {
  checkTensors("backward", [output]);
  if (seed !== undefined) args.check("backward", "the adjoint", seed, adjointKind);
  args.checkOptions("backward", options, backwardOptions);
  if (!output.requiresGrad) {
    throw new ArgumentError(
      "backward",
      "nothing the tensor was computed from requires a gradient",
      "Use parameters or { requiresGrad: true }, outside noGrad.",
    );
  }
  const { createGraph = false } = options;
  const keepIfAsked = (tensor: Tensor, adjoint: Tensor): void => {
    if (tensor.hooks?.retain && tensor.node !== null)
      accumulate(tensor, adjoint.clone(), createGraph);
  };
  scope(
    () => {
      const seeds = [seed ?? onesLike(output)];
      const aim = { op: "backward", keepIfAsked };
      for (const [leaf, adjoint] of propagate([output], seeds, options, aim)) {
        accumulate(leaf, adjoint, createGraph);
        for (const hook of [...(leaf.hooks?.after.values() ?? [])]) hook(leaf);
      }
    },
    { label: "backward()" },
  );
}

/**
 * The gradients of the sum of `outputs` with respect to `inputs`, as new tensors; `.grad` stays as
 * it is. An input that the outputs do not depend on gets zeros. Of the graph only the part that
 * leads from the inputs to the outputs is used up.
 *
 * @param inputs - leaves, or tensors in the middle of the graph, that require gradients.
 * @param options - `createGraph` records the gradients, so that they can be differentiated again.
 * @throws ArgumentError when an input does not require a gradient; MemoryError as `backward`.
 *
 * @example
 * import { gradients, tensor } from "@needle/autograd";
 * const x = tensor(2, { requiresGrad: true });
 * const [first] = gradients([x.pow(3)], [x], { createGraph: true });
 * first; // => 12.0
 * gradients([first], [x])[0]; // => 12.0
 */
export function gradients(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradientsOptions = {},
): Tensor[] {
  args.check("gradients", "outputs", outputs, tensors);
  args.check("gradients", "inputs", inputs, tensors);
  args.checkOptions("gradients", options, gradientsOptions);
  inputs.forEach((input, i) => {
    if (input.requiresGrad) return;
    throw new ArgumentError(
      "gradients",
      `input ${i}, ${showShape(input.shape)}, does not require a gradient`,
      "Make it with { requiresGrad: true } before the outputs are computed.",
    );
  });
  return scope(() => {
    const seeds = options.seeds ?? outputs.map((output) => onesLike(output));
    const adjoints = adjointsOf(outputs, inputs, { ...options, seeds }, "gradients");
    const given = new Set<Tensor>();
    return withRecording(options.createGraph ?? false, () =>
      adjoints.map((adjoint) => {
        // Each result has memory of its own, so that it can be written to and disposed of.
        const result = given.has(adjoint) || !isAlone(adjoint.value) ? adjoint.clone() : adjoint;
        given.add(adjoint);
        return result;
      }),
    );
  });
}

/**
 * What `gradients` gives, for rules, which do not mind views.
 *
 * @param options.stop - take the inputs for leaves, though they may have been computed from each
 *   other.
 */
export function adjointsOf(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  options: BackwardOptions & { readonly seeds: readonly Tensor[]; readonly stop?: boolean },
  op = "backward",
): Tensor[] {
  const { seeds, stop = false } = options;
  const adjoints = propagate(outputs, seeds, options, { op, wanted: new Set(inputs), stop });
  return inputs.map((input) => adjoints.get(input) ?? zerosLike(input));
}

/** Whether an array is compact in memory that nobody else has a part in. */
function isAlone(value: NDArray): boolean {
  const { storage } = value;
  if (value.unscoped || storage.owners > 1) return false;
  return value.isCompact && storage.size === value.size;
}

/** Stores an adjoint as the gradient of a leaf, which from then on owns it. */
function accumulate(leaf: Tensor, adjoint: Tensor, createGraph: boolean): void {
  const before = leaf.grad;
  leaf.grad = withRecording(createGraph, () => {
    const total = before === null ? adjoint : before.add(adjoint);
    // A gradient may be scaled in place, so it shares no memory: the two of `a + b` are one array,
    // a seed is the caller's.
    return isAlone(total.value) ? total : total.clone();
  });
  leaf.grad.value.adopt();
  if (before !== null && !before.value.kept) before.value.drop("backward()");
}

/** Adjoints on their way: what has been added up for each tensor so far. */
class Adjoints {
  readonly #sums = new Map<Tensor, Tensor>();
  /** How many tensors an adjoint stands for: `a + b` passes one on to both. */
  readonly #uses = new Map<Tensor, number>();
  /**
   * Older tensors are not ours to free: seeds, and what a rule returns of the values it was given.
   */
  readonly #newestOfOthers = newestId();

  get(tensor: Tensor): Tensor | undefined {
    return this.#sums.get(tensor);
  }

  add(tensor: Tensor, part: Tensor): void {
    const own = part.id > this.#newestOfOthers ? part : part.reshape(part.shape);
    const before = this.#sums.get(tensor);
    const sum = before === undefined ? own : before.add(own);
    this.#uses.set(sum, (this.#uses.get(sum) ?? 0) + 1);
    this.#sums.set(tensor, sum);
    if (before === undefined) return;
    this.#release(before);
    if (!this.#uses.has(own) && !own.value.kept) own.value.drop("backward()");
  }

  /** What a hook made of a tensor's adjoint takes its place. */
  replace(tensor: Tensor, adjoint: Tensor): void {
    const before = this.#sums.get(tensor);
    if (adjoint === before) return;
    this.#sums.delete(tensor);
    this.add(tensor, adjoint);
    if (before !== undefined) this.#release(before);
  }

  /** Forgets the adjoint of a tensor whose inputs have theirs. */
  done(tensor: Tensor): void {
    const sum = this.#sums.get(tensor);
    this.#sums.delete(tensor);
    if (sum !== undefined) this.#release(sum);
  }

  #release(adjoint: Tensor): void {
    const left = this.#uses.get(adjoint)! - 1;
    this.#uses.set(adjoint, left);
    if (left > 0) return;
    this.#uses.delete(adjoint);
    if (!adjoint.value.kept) adjoint.value.drop("backward()");
  }

  entries(): Map<Tensor, Tensor> {
    return this.#sums;
  }
}

/** What a walk backwards is for. */
interface Aim {
  /** What was called, for errors. */
  readonly op: string;
  /** The tensors whose adjoints are asked for; all leaves if left out. */
  readonly wanted?: ReadonlySet<Tensor>;
  /** Whether the walk ends at those. */
  readonly stop?: boolean;
  /** Is told every adjoint that is complete. */
  readonly keepIfAsked?: (tensor: Tensor, adjoint: Tensor) => void;
}

/** Runs the graph backwards from `outputs`. Gives the adjoints that are asked for. */
function propagate(
  outputs: readonly Tensor[],
  seeds: readonly Tensor[],
  options: BackwardOptions,
  { op, wanted, stop = false, keepIfAsked }: Aim,
): Map<Tensor, Tensor> {
  const { createGraph = false, retainGraph = createGraph } = options;
  checkSeeds(op, outputs, seeds);
  const isEnd = (x: Tensor): boolean => stop && wanted!.has(x);
  const order = ancestors(outputs, isEnd);
  const leading = wanted && leadingTo(order, wanted);
  const isNeeded = (x: Tensor): boolean => wanted === undefined || wanted.has(x) || leading!.has(x);
  const adjoints = new Adjoints();
  const passed: Node[] = [];
  withRecording(createGraph, () => {
    outputs.forEach((output, i) => {
      if (output.requiresGrad) adjoints.add(output, seeds[i]!.astype(output.dtype));
    });
    for (const tensor of order) {
      if (isEnd(tensor)) continue;
      const { node } = tensor;
      const g = isNeeded(tensor) ? hooked(tensor, adjoints) : undefined;
      if (g !== undefined) keepIfAsked?.(tensor, g);
      if (node === null) continue;
      if (g !== undefined && (leading === undefined || leading.has(tensor))) {
        node.checkSaved(op);
        passOn(tensor, node, g, adjoints, isNeeded);
        passed.push(node);
      }
      if (!wanted?.has(tensor)) adjoints.done(tensor);
    }
  });
  if (!retainGraph) for (const node of passed) node.free("backward()");
  return adjoints.entries();
}

/** The complete adjoint of a tensor, after its hooks. */
function hooked(tensor: Tensor, adjoints: Adjoints): Tensor | undefined {
  const { hooks } = tensor;
  const g = adjoints.get(tensor);
  if (hooks === null || hooks.before.size === 0 || g === undefined) return g;
  adjoints.replace(tensor, runHooks(tensor, hooks, g));
  return adjoints.get(tensor);
}

/** Adds to the adjoints of a tensor's inputs. */
function passOn(
  tensor: Tensor,
  node: Node,
  g: Tensor,
  adjoints: Adjoints,
  isNeeded: (input: Tensor) => boolean,
): void {
  const { rule, inputs } = node;
  const add = (i: number, part: Tensor): void => {
    const input = inputs[i] as Tensor;
    checkDerivative(rule, `adjoint of input ${i}`, part, input);
    if (isDetecting()) checkAdjoint(node, i, g, part);
    adjoints.add(input, part);
  };
  const takes = (x: (typeof inputs)[number]): boolean =>
    typeof x !== "number" && x.requiresGrad && isNeeded(x);
  if (rule.vjps !== undefined) {
    const needed = [...inputs.keys()].filter((i) => takes(inputs[i]!));
    const parts = inRule(() => rule.vjps!(needed, g, tensor, node));
    for (const [k, i] of needed.entries()) add(i, parts[k]!);
    return;
  }
  inputs.forEach((input, i) => {
    if (takes(input))
      add(
        i,
        inRule(() => rule.vjp(i, g, tensor, node)),
      );
  });
}

/** Runs a rule, of which only the result counts. */
function inRule<T>(fn: () => T): T {
  const run = (): T => scope(fn, { label: "backward()" });
  return isDetecting() ? quietly(run) : run();
}

function checkSeeds(op: string, outputs: readonly Tensor[], seeds: readonly Tensor[]): void {
  if (outputs.length !== seeds.length) {
    throw new ArgumentError(op, `${outputs.length} outputs but ${seeds.length} seeds`);
  }
  outputs.forEach((output, i) => {
    seeds[i]!.expectShape(op, output.shape);
  });
}

/**
 * Which of `order` were computed from `wanted`. What a freed tensor was computed from is forgotten:
 * it may have been anything older.
 */
function leadingTo(order: readonly Tensor[], wanted: ReadonlySet<Tensor>): Set<Tensor> {
  const oldest = Math.min(...[...wanted].map((x) => x.id));
  const leading = new Set<Tensor>();
  for (const tensor of order.toReversed()) {
    const { node } = tensor;
    if (node === null) continue;
    const leads = node.inputs.some(
      (x) => typeof x !== "number" && (wanted.has(x) || leading.has(x)),
    );
    if (leads || (node.freed && oldest < tensor.id)) leading.add(tensor);
  }
  return leading;
}

/**
 * The computational graph. A Node says by which rule a tensor was computed from which inputs, and
 * owns the values that the rule's derivative will need. Walks are loops, not recursion: a chain of
 * any length is fine.
 */
import { MemoryError, type NDArray, ShapeError, sameShape, showShape } from "@needle/ndarray";
import { isTensor, type Operand, type Tensor } from "./tensor.ts";

/**
 * Which values the derivative of a rule reads: all inputs, those at some positions, the output. All
 * others can be freed after the forward pass.
 */
export type Saves = "nothing" | "inputs" | "output" | "both" | readonly number[];

/**
 * How an op is differentiated. Rules speak tensors and use public ops only, so adjoints are graph
 * nodes themselves.
 */
export interface Rule {
  /** The op's name, as users know it. */
  readonly name: string;
  readonly saves: Saves;
  /** The adjoint of input `i`, from `g`, the adjoint of the output `y`. */
  vjp(i: number, g: Tensor, y: Tensor, node: Node): Tensor;
  /** The adjoints of several inputs at once, where they have work in common. */
  vjps?(needed: readonly number[], g: Tensor, y: Tensor, node: Node): Tensor[];
  /**
   * The tangent of the output, from the tangents of the inputs (null for a tangent of zero; at
   * least one is not).
   */
  jvp(tangents: readonly (Tensor | null)[], y: Tensor, node: Node): Tensor;
}

interface Saved {
  readonly array: NDArray;
  /** What the array's version must be; null for arrays that may change. */
  readonly version: number | null;
}

/** One application of an op: its rule, its inputs, and the values kept for its derivative. */
export class Node {
  readonly rule: Rule;
  #inputs: readonly Operand[];
  #params: readonly unknown[];
  #saved: Saved[] | null = [];

  constructor(rule: Rule, inputs: readonly Operand[], params: readonly unknown[]) {
    this.rule = rule;
    this.#inputs = inputs;
    this.#params = params;
    const { saves } = rule;
    if (typeof saves === "object") this.#saveAll(saves.map((i) => inputs[i]));
    else if (saves === "inputs" || saves === "both") this.#saveAll(inputs);
    this.#saveAll(params);
  }

  /** What the op was applied to; nothing once the node is freed. */
  get inputs(): readonly Operand[] {
    return this.#inputs;
  }

  /** What the op was called with besides its inputs. */
  get params(): readonly unknown[] {
    return this.#params;
  }

  /** Whether the saved values were given up. */
  get freed(): boolean {
    return this.#saved === null;
  }

  /** Keeps a value until the graph is freed. */
  save(array: NDArray): void {
    array.retain();
    this.#saved?.push({ array, version: array.storage.version });
  }

  /** Keeps an array until the graph is freed, whatever is written into it. */
  hold(array: NDArray): void {
    array.retain();
    this.#saved?.push({ array, version: null });
  }

  #saveAll(values: readonly unknown[]): void {
    for (const value of values) if (isTensor(value)) this.save(value.value);
  }

  /** Throws, in the name of `op`, unless every saved value is still what it was. */
  checkSaved(op: string): void {
    if (this.#saved === null) {
      throw new MemoryError(
        op,
        "the graph was freed by an earlier backward",
        "Pass { retainGraph: true } to the earlier call, or detach() what is used again.",
      );
    }
    for (const { array, version } of this.#saved) {
      if (version === null || array.storage.version === version) continue;
      throw new MemoryError(
        op,
        `a value ${showShape(array.shape)} that ${this.rule.name} saved was changed in place since`,
        "Compute the loss again after changing parameters, or change a clone().",
      );
    }
  }

  /**
   * Gives up the saved values: this part of the graph cannot be differentiated any more. The inputs
   * are forgotten, too, so that a result that is kept (a list of losses) does not keep all it was
   * computed from.
   */
  free(by: string): void {
    for (const { array } of this.#saved ?? []) array.release(by);
    this.#saved = null;
    this.#inputs = [];
    this.#params = [];
  }
}

/**
 * Throws unless what a rule gives has the shape and dtype of the tensor it is the derivative of.
 */
export function checkDerivative(rule: Rule, what: string, derivative: Tensor, of: Tensor): void {
  if (derivative.dtype === of.dtype && sameShape(derivative.shape, of.shape)) return;
  const got = `${derivative.dtype} ${showShape(derivative.shape)}`;
  const expected = `${of.dtype} ${showShape(of.shape)}`;
  throw new ShapeError(rule.name, `its rule gives a ${got} as the ${what}, which is ${expected}`);
}

/** Whether any of an op's operands requires a gradient. */
export function isDifferentiable(operands: readonly Operand[]): boolean {
  return operands.some((x) => isTensor(x) && x.requiresGrad);
}

/**
 * Every tensor that requires a gradient and that `outputs` were computed from, each once, outputs
 * first (a reverse topological order). Tensors are numbered as they are made, so sorting by number
 * is enough. The walk does not go past tensors that are an `isEnd`.
 */
export function ancestors(
  outputs: readonly Tensor[],
  isEnd: (x: Tensor) => boolean = () => false,
): Tensor[] {
  const seen = new Set<Tensor>(outputs.filter((x) => x.requiresGrad));
  const pending = [...seen];
  while (pending.length > 0) {
    const tensor = pending.pop()!;
    if (tensor.node === null || isEnd(tensor)) continue;
    for (const input of tensor.node.inputs) {
      if (typeof input === "number" || !input.requiresGrad || seen.has(input)) continue;
      seen.add(input);
      pending.push(input);
    }
  }
  return [...seen].sort((a, b) => b.id - a.id);
}

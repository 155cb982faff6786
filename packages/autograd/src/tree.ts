/** Nested arrays and objects of tensors: taken apart into a list, and put together again. */
import { ArgumentError, args, isNDArray, show } from "@needle/ndarray";
import { isTensor, type Tensor } from "./tensor.ts";

/** A tensor, or arrays and plain objects of them, nested at will. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree };

/**
 * The tensors of a tree, in the order of its entries.
 *
 * @throws ArgumentError where it holds something else.
 *
 * @example
 * import { leavesOf, tensor } from "@needle/autograd";
 * leavesOf({ w: tensor(1), layers: [tensor(2), { b: tensor(3) }] }).map((x) => x.item()); // => [1,2,3]
 */
export function leavesOf(tree: Tree): Tensor[] {
  if (isTensor(tree)) return [tree];
  checkTree("leavesOf", "the tree must be", tree);
  const leaves: Tensor[] = [];
  replaceLeaves(tree, (leaf) => leaves.push(leaf));
  return leaves;
}

/**
 * A tree of the same form with each tensor replaced by what `fn` makes of it.
 *
 * @example
 * import { mapTree, tensor } from "@needle/autograd";
 * const gradients = { w: tensor([2, 4]), b: tensor(6) };
 * mapTree(gradients, (g) => g.mul(0.5)).w; // => [1. 2.]
 */
export function mapTree<T extends Tree>(tree: T, fn: (leaf: Tensor) => Tensor): T {
  args.check("mapTree", "fn", fn, args.callback);
  checkTree("mapTree", "the tree must be", tree);
  return replaceLeaves(tree, fn) as T;
}

/** A tree of the same form with anything at all in the places of its tensors. */
export function replaceLeaves(tree: Tree, fn: (leaf: Tensor) => unknown): unknown {
  if (isTensor(tree)) return fn(tree);
  if (Array.isArray(tree)) return tree.map((branch: Tree) => replaceLeaves(branch, fn));
  return Object.fromEntries(
    Object.entries(tree).map(([key, branch]) => [key, replaceLeaves(branch, fn)]),
  );
}

/** A tree of the form of `tree` with these tensors as its leaves, in order. */
export function withLeaves<T extends Tree>(tree: T, leaves: readonly Tensor[]): T {
  let next = 0;
  return replaceLeaves(tree, () => leaves[next++]!) as T;
}

/**
 * The tensors of `tree` in the order of `form`, which must have the same branches, and tensors of
 * the same shapes.
 *
 * @param what - what `tree` is, for the error.
 * @throws ArgumentError, in the name of `op`, naming the first branch that differs; ShapeError.
 */
export function leavesLike(op: string, what: string, form: Tree, tree: Tree): Tensor[] {
  const leaves: Tensor[] = [];
  const walk = (a: Tree, b: Tree, path: string): void => {
    const [wanted, got] = [formOf(a), formOf(b)];
    if (wanted !== got) {
      throw new ArgumentError(
        op,
        `${what} has ${got}${path && ` at ${path}`} where ${wanted} is needed`,
        "It takes the form of what it belongs to, tensor by tensor.",
      );
    }
    if (isTensor(a)) {
      (b as Tensor).expectShape(op, a.shape);
      leaves.push(b as Tensor);
    } else
      for (const key of Object.keys(a)) walk(branchOf(a, key), branchOf(b, key), `${path}.${key}`);
  };
  walk(form, tree, "");
  return leaves;
}

function branchOf(tree: Tree, key: string): Tree {
  return (tree as { readonly [key: string]: Tree })[key]!;
}

/** What stands at a place of a tree, as messages say it. */
function formOf(tree: unknown): string {
  if (isTensor(tree)) return "a tensor";
  if (Array.isArray(tree)) return `an array of ${tree.length}`;
  if (typeof tree !== "object" || tree === null) return show(tree);
  return `an object of ${Object.keys(tree).sort().join(", ")}`;
}

/**
 * Throws unless `value` is a tree of tensors.
 *
 * @param what - the beginning of the message: `the function must return`.
 */
export function checkTree(op: string, what: string, value: unknown): asserts value is Tree {
  const walk = (branch: unknown, path: string): void => {
    if (isTensor(branch)) return;
    if (typeof branch !== "object" || branch === null || isNDArray(branch)) {
      throw new ArgumentError(op, `${what} a tensor, got ${show(branch)}${path && ` at ${path}`}`);
    }
    for (const [key, next] of Object.entries(branch)) walk(next, `${path}.${key}`);
  };
  walk(value, "");
}

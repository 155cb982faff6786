/** Nested arrays, objects and maps of tensors: taken apart into a list, and put together again. */
import { isTensor, type Tensor } from "./tensor.ts";

/** A tensor, or arrays and plain objects of them, nested at will. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree };

/**
 * The tensors of a tree, in the order of its entries.
 *
 * @example
 * import { leavesOf, tensor } from "@needle/autograd";
 * leavesOf({ w: tensor(1), layers: [tensor(2), { b: tensor(3) }] }).map((x) => x.item()); // => [1,2,3]
 */
export function leavesOf(tree: Tree): Tensor[] {
  if (isTensor(tree)) return [tree];
  return (Array.isArray(tree) ? tree : Object.values(tree)).flatMap((branch: Tree) =>
    leavesOf(branch),
  );
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
  if (isTensor(tree)) return fn(tree) as T;
  if (Array.isArray(tree)) return tree.map((branch: Tree) => mapTree(branch, fn)) as unknown as T;
  return Object.fromEntries(
    Object.entries(tree).map(([key, branch]) => [key, mapTree(branch, fn)]),
  ) as T;
}

import { describe, expect, expectTypeOf, test } from "vitest";
import { leavesOf, mapTree, type Tensor, tensor } from "./index.ts";

const [a, b, c] = [tensor(1), tensor(2), tensor(3)];

describe("a tree", () => {
  test("is taken apart in the order of its entries", () => {
    expect(leavesOf(a)).toEqual([a]);
    expect(leavesOf({ w: a, layers: [b, { bias: c }] })).toEqual([a, b, c]);
    expect(leavesOf([])).toEqual([]);
    expect(leavesOf({ empty: {}, also: [] })).toEqual([]);
  });

  test("is put together again in the same form", () => {
    const tree = { w: a, layers: [b, { bias: c }] as const };
    const doubled = mapTree(tree, (x) => x.mul(2));
    expect(doubled.w.item()).toBe(2);
    expect(doubled.layers[1].bias.item()).toBe(6);
    expect(Array.isArray(doubled.layers)).toBe(true);
    expectTypeOf(doubled).toEqualTypeOf(tree);
    expectTypeOf(mapTree(a, (x) => x)).toEqualTypeOf<Tensor>();
  });

  test("may hold one tensor in two places", () => {
    expect(leavesOf([a, a])).toEqual([a, a]);
    expect(mapTree([a, a], (x) => x.add(1)).map((x) => x.item())).toEqual([2, 2]);
  });
});

import { describe, expect, test } from "vitest";
import { gradients, type Tensor, tensor, visualize } from "./index.ts";

function leaf(values: number | number[]): Tensor {
  return tensor(values, { requiresGrad: true });
}

/**
 * Reads the part of DOT that is written: `digraph { node [attributes]; a -> b; }`. Throws where
 * the text is not of the language.
 */
function parse(dot: string): { labels: Map<string, string>; arrows: [string, string][] } {
  const tokens = [...dot.matchAll(/\s+|->|[{}[\];,=]|[A-Za-z_]\w*|"(?:[^"\\\n]|\\.)*"/gy)];
  expect(tokens.map(([token]) => token).join("")).toBe(dot);
  const words = tokens.map(([token]) => token).filter((token) => token.trim() !== "");
  const take = (expected: RegExp): string => {
    const word = words.shift() ?? "the end";
    if (!expected.test(word)) throw new Error(`expected ${expected}, got ${word}`);
    return word;
  };
  const labels = new Map<string, string>();
  const arrows: [string, string][] = [];
  take(/^digraph$/);
  take(/^\{$/);
  while (words[0] !== "}") {
    const id = take(/^\w+$/);
    if (words[0] === "->") {
      take(/->/);
      arrows.push([id, take(/^\w+$/)]);
    } else {
      take(/^\[$/);
      do {
        const key = take(/^\w+$/);
        take(/^=$/);
        const value = take(/^("|\w)/);
        if (key === "label") labels.set(id, value.slice(1, -1));
      } while (take(/^[,\]]$/) === ",");
    }
    take(/^;$/);
  }
  take(/^\}$/);
  expect(words).toEqual([]);
  return { labels, arrows };
}

describe("visualize", () => {
  test("gives the tensors and numbers of a graph, and what goes in where", () => {
    const w = leaf([1, 2]);
    const x = tensor([3, 4]);
    const { nodes, edges } = visualize(x.mul(w).sub(w).add(5), { names: [["weight", w]] });
    expect(nodes.map(({ id, kind, name, shape, dtype }) => [id, kind, name, shape, dtype])).toEqual(
      [
        ["n0", "leaf", "weight", [2], "float32"],
        ["n1", "constant", "constant", [2], "float32"],
        ["n2", "op", "mul", [2], "float32"],
        ["n3", "op", "sub", [2], "float32"],
        ["n4", "constant", "5", [], null],
        ["n5", "op", "add", [2], "float32"],
      ],
    );
    expect(edges).toEqual([
      { from: "n1", to: "n2", input: 0 },
      { from: "n0", to: "n2", input: 1 },
      { from: "n2", to: "n3", input: 0 },
      { from: "n0", to: "n3", input: 1 },
      { from: "n3", to: "n5", input: 0 },
      { from: "n4", to: "n5", input: 1 },
    ]);
  });

  test("is the same for the same program, whatever was computed before", () => {
    const draw = (): string => {
      const w = leaf([1, 2]);
      return visualize(w.exp().mul(w).sum()).dot;
    };
    const first = draw();
    leaf(1).add(2);
    expect(draw()).toBe(first);
  });

  test("writes DOT that parses, whatever names there are", () => {
    const w = leaf([1]);
    const name = 'a "quoted" \\ name\nof two lines -> {x;}';
    const y = w.mul(2).add(w);
    const { dot, nodes, edges } = visualize([y], { names: [[name, w]] });
    const { labels, arrows } = parse(dot);
    expect([...labels.keys()]).toEqual(nodes.map(({ id }) => id));
    expect(arrows).toEqual(edges.map(({ from, to }) => [from, to]));
    expect(labels.get("n0")).toBe('a \\"quoted\\" \\\\ name\\nof two lines -> {x;}\\nfloat32 [1]');
    expect(() => parse('digraph { n0 [label="a"b"]; }')).toThrow();
  });

  test("shows how reverse mode extends the graph", () => {
    const x = leaf(2);
    const y = x.pow(3);
    const derivatives = gradients([y], [x], { createGraph: true });
    const { nodes, edges, dot } = visualize(y, { gradients: derivatives });
    const forward = nodes.filter(({ part }) => part === "forward").map(({ name }) => name);
    expect(forward.sort()).toEqual(["3", "leaf", "pow"]);
    const backward = nodes.filter(({ part }) => part === "backward");
    expect(backward.length).toBeGreaterThan(1);
    // The adjoint reads x again: an edge from the forward into the backward part.
    const parts = new Map(nodes.map(({ id, part }) => [id, part]));
    expect(
      edges.some(({ from, to }) => parts.get(from) === "forward" && parts.get(to) === "backward"),
    ).toBe(true);
    expect(dot).toContain("color=blue");
    parse(dot);
  });

  test("shows what was freed", () => {
    const x = leaf([1, 2]);
    const y = x.exp().sum();
    y.backward();
    const { nodes, edges } = visualize(y);
    expect(nodes).toEqual([
      {
        id: "n0",
        kind: "op",
        name: "sum",
        shape: [],
        dtype: "float32",
        part: "forward",
        freed: true,
      },
    ]);
    expect(edges).toEqual([]);
  });
});

/**
 * Computational graphs of numbers. An op is stated once: its value, and for each input `g` times
 * the partial derivative, built of nodes. Both modes of differentiation follow from that, and what
 * they build can be differentiated again.
 */
import type { Expression } from "./expression.ts";

/** The ops, in the order of the table below. */
export type OpName =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "neg"
  | "exp"
  | "log"
  | "sin"
  | "cos"
  | "tanh"
  | "relu"
  | "step"
  | "sqrt"
  | "identity";

/** A variable, a number, or an op of other nodes. */
export interface Node {
  readonly graph: Graph;
  /** The position in `graph.nodes`: inputs come before what is computed of them. */
  readonly id: number;
  readonly kind: "variable" | "number" | OpName;
  readonly inputs: readonly Node[];
  /** Of a variable. */
  readonly name: string;
  /** Of a number. */
  readonly value: number;
}

/** Nodes in the order in which they can be computed. The same op of the same nodes is one node. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly #known = new Map<string, Node>();

  variable(name: string): Node {
    return this.#find(`variable ${name}`, { kind: "variable", inputs: [], name, value: 0 });
  }

  /** A new node each time: two numbers that happen to be equal are not the same quantity. */
  number(value: number): Node {
    return this.#add({ kind: "number", inputs: [], name: "", value });
  }

  /** A new node of the same value. */
  copy(node: Node): Node {
    return this.#add({ kind: "identity", inputs: [node], name: "", value: 0 });
  }

  apply(op: OpName, ...inputs: readonly Node[]): Node {
    const key = `${op} ${inputs.map(({ id }) => id).join(" ")}`;
    return this.#find(key, { kind: op, inputs, name: "", value: 0 });
  }

  #find(key: string, node: Omit<Node, "id" | "graph">): Node {
    const known = this.#known.get(key) ?? this.#add(node);
    this.#known.set(key, known);
    return known;
  }

  #add(node: Omit<Node, "id" | "graph">): Node {
    const added = { ...node, graph: this, id: this.nodes.length };
    this.nodes.push(added);
    return added;
  }
}

type Operation = (...inputs: readonly Node[]) => Node;
const op =
  (name: OpName): Operation =>
  (...inputs) =>
    inputs[0]!.graph.apply(name, ...inputs);

/** The sum of two nodes, as a node. */
export const add: Operation = op("add");
const sub = op("sub");
const mul = op("mul");
const div = op("div");
const pow = op("pow");
const neg = op("neg");
const log = op("log");
const sin = op("sin");
const cos = op("cos");
const step = op("step");

/** `g` times a partial derivative; `y` is the op's result, `a` and `b` its inputs. */
type Slope = (g: Node, y: Node, a: Node, b: Node) => Node;

interface Op {
  readonly value: (a: number, b: number) => number;
  readonly slopes: readonly Slope[];
}

/** Every op: its value, and `g` times the derivative by each input. */
export const ops: Readonly<Record<OpName, Op>> = {
  add: { value: (a, b) => a + b, slopes: [(g) => g, (g) => g] },
  sub: { value: (a, b) => a - b, slopes: [(g) => g, (g) => neg(g)] },
  mul: { value: (a, b) => a * b, slopes: [(g, _y, _a, b) => mul(g, b), (g, _y, a) => mul(g, a)] },
  div: {
    value: (a, b) => a / b,
    slopes: [(g, _y, _a, b) => div(g, b), (g, y, _a, b) => neg(div(mul(g, y), b))],
  },
  pow: {
    value: (a, b) => a ** b,
    slopes: [(g, _y, a, b) => mul(g, slopeOfPower(a, b)), (g, y, a) => mul(g, mul(y, log(a)))],
  },
  neg: { value: (a) => -a, slopes: [(g) => neg(g)] },
  exp: { value: Math.exp, slopes: [(g, y) => mul(g, y)] },
  log: { value: Math.log, slopes: [(g, _y, a) => div(g, a)] },
  sin: { value: Math.sin, slopes: [(g, _y, a) => mul(g, cos(a))] },
  cos: { value: Math.cos, slopes: [(g, _y, a) => neg(mul(g, sin(a)))] },
  tanh: {
    value: Math.tanh,
    slopes: [(g, y) => mul(g, sub(g.graph.number(1), mul(y, y)))],
  },
  relu: { value: (a) => Math.max(a, 0), slopes: [(g, _y, a) => mul(g, step(a))] },
  // 1 where a > 0; flat, with slope 0 also at the jump.
  step: { value: (a) => (Number.isNaN(a) ? a : Number(a > 0)), slopes: [(g) => g.graph.number(0)] },
  sqrt: { value: Math.sqrt, slopes: [(g, y) => div(g, mul(g.graph.number(2), y))] },
  identity: { value: (a) => a, slopes: [(g) => g] },
};

/** The derivative of `a^b` by `a`: `b a^(b-1)`. */
function slopeOfPower(a: Node, b: Node): Node {
  const { graph } = a;
  if (b.kind !== "number") return mul(b, pow(a, sub(b, graph.number(1))));
  if (b.value === 0) return graph.number(0);
  if (b.value === 1) return graph.number(1);
  if (b.value === 2) return mul(graph.number(2), a);
  return mul(graph.number(b.value), pow(a, graph.number(b.value - 1)));
}

/** The graph of an expression: its output. The variables come first, in the order given. */
export function graphOf(expression: Expression, variables: readonly string[]): Node {
  const graph = new Graph();
  for (const name of variables) graph.variable(name);
  const build = (part: Expression): Node => {
    if (part.kind === "number") return graph.number(part.value);
    if (part.kind === "variable") return graph.variable(part.name);
    return graph.apply(part.op, ...part.inputs.map(build));
  };
  return build(expression);
}

/** The value of every node of a graph, by id. */
export function evaluate(graph: Graph, values: ReadonlyMap<string, number>): number[] {
  const results: number[] = [];
  for (const { kind, inputs, name, value } of graph.nodes) {
    if (kind === "number") results.push(value);
    else if (kind === "variable") results.push(values.get(name) ?? Number.NaN);
    else {
      const [a = Number.NaN, b = Number.NaN] = inputs.map(({ id }) => results[id]!);
      results.push(ops[kind].value(a, b));
    }
  }
  return results;
}

/** The nodes that `output` was computed of, itself included, in order. */
export function ancestors(output: Node): Node[] {
  const seen = new Set([output]);
  // A set can grow while it is walked.
  for (const { inputs } of seen) for (const input of inputs) seen.add(input);
  return [...seen].sort((a, b) => a.id - b.id);
}

/** Those of the nodes (in order) that a variable influences. */
export function dependent(nodes: readonly Node[]): Set<Node> {
  const found = new Set<Node>();
  for (const node of nodes) {
    if (node.kind === "variable" || node.inputs.some((input) => found.has(input))) found.add(node);
  }
  return found;
}

/** `g` times the derivative of `node` by its input number `i`, built of nodes. */
export function slope(node: Node, i: number, g: Node): Node {
  const [a, b = a] = node.inputs as [Node, Node?];
  return ops[node.kind as OpName].slopes[i]!(g, node, a, b as Node);
}

/**
 * The part of a graph that `output` needs as a graph of its own, with the same variables, where
 * numbers are computed at once and neutral ones (`1 x`, `x + 0`) are left out.
 */
export function simplified(output: Node, variables: readonly string[]): Node {
  const graph = new Graph();
  const copies = new Map<Node, Node>();
  for (const name of variables) graph.variable(name);
  for (const node of ancestors(output)) {
    copies.set(
      node,
      node.kind === "number"
        ? graph.number(node.value)
        : node.kind === "variable"
          ? graph.variable(node.name)
          : simpler(
              graph,
              node.kind,
              node.inputs.map((input) => copies.get(input)!),
            ),
    );
  }
  return copies.get(output)!;
}

function simpler(graph: Graph, kind: OpName, inputs: readonly Node[]): Node {
  if (inputs.every((input) => input.kind === "number")) {
    const [a, b = a] = inputs.map(({ value }) => value) as [number, number?];
    return graph.number(ops[kind].value(a, b as number));
  }
  const [a, b = a] = inputs as [Node, Node?];
  return rules[kind]?.(graph, a, b as Node) ?? graph.apply(kind, ...inputs);
}

type Simplification = (graph: Graph, a: Node, b: Node) => Node | null;

/** What is simpler than an op of these inputs; null where nothing is. */
const rules: Partial<Record<OpName, Simplification>> = {
  identity: (_, a) => a,
  neg: (_, a) => negated(a),
  add(graph, a, b) {
    if (is(a, 0)) return b;
    if (is(b, 0)) return a;
    const [minusA, minusB] = [negated(a), negated(b)];
    if (minusB !== null) return graph.apply("sub", a, minusB);
    return minusA && graph.apply("sub", b, minusA);
  },
  sub(graph, a, b) {
    if (is(a, 0)) return graph.apply("neg", b);
    if (is(b, 0)) return a;
    const minusB = negated(b);
    return minusB && graph.apply("add", a, minusB);
  },
  mul(graph, a, b) {
    if (is(a, 0) || is(b, 0)) return graph.number(0);
    if (is(a, 1)) return b;
    if (is(b, 1)) return a;
    if (is(a, -1)) return negated(b) ?? graph.apply("neg", b);
    if (is(b, -1)) return negated(a) ?? graph.apply("neg", a);
    const [minusA, minusB] = [negated(a), negated(b)];
    if (minusA !== null) return graph.apply("neg", graph.apply("mul", minusA, b));
    return minusB && graph.apply("neg", graph.apply("mul", a, minusB));
  },
  div(graph, a, b) {
    if (is(a, 0) || is(b, 1)) return a;
    const minusA = negated(a);
    return minusA && graph.apply("neg", graph.apply("div", minusA, b));
  },
  pow: (_, a, b) => (is(b, 1) ? a : null),
};

function is(node: Node, value: number): boolean {
  return node.kind === "number" && node.value === value;
}

/** What a node is the negative of; null for what has no sign in front. */
function negated(node: Node): Node | null {
  return node.kind === "neg" ? node.inputs[0]! : null;
}

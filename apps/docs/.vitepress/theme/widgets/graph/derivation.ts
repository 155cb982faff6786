/**
 * What the stepper walks through: the numbered nodes of a graph, their values and tangents (forward
 * mode), and their adjoints (reverse mode), which are nodes of the same graph.
 */
import { add, ancestors, dependent, evaluate, type Graph, type Node, slope } from "./graph.ts";
import { adjointName, edgeName, type Name, tangentName, valueName } from "./notation.ts";

/** What one use of a node contributes to its adjoint. */
export interface PartialAdjoint {
  /** The node that uses it, and as which of its inputs. */
  readonly consumer: Node;
  readonly input: number;
  readonly node: Node;
}

/** The adjoint of a node: the derivative of the output by it. */
export interface Adjoint {
  readonly of: Node;
  /** One for each use; none for the output, whose adjoint is 1. */
  readonly parts: readonly PartialAdjoint[];
  readonly total: Node;
}

/** Everything about a graph at a point. */
export interface Derivation {
  readonly graph: Graph;
  readonly variables: readonly string[];
  readonly output: Node;
  /** The variables, then the ops, in the order of computation: v1, v2, … */
  readonly forward: readonly Node[];
  readonly tangents: ReadonlyMap<Node, Node>;
  /** In the order of the reverse pass. */
  readonly adjoints: readonly Adjoint[];
  readonly names: ReadonlyMap<Node, Name>;
  /** By the nodes' ids. */
  readonly values: readonly number[];
}

/** Where, and in which direction. */
export interface Point {
  readonly values: ReadonlyMap<string, number>;
  /** The tangents of the variables; 0 where none is given. */
  readonly direction: ReadonlyMap<string, number>;
}

/** Extends the graph of `output` by its tangents and adjoints, and computes all values. */
export function derive(output: Node, { values, direction }: Point): Derivation {
  const { graph } = output;
  const variables = graph.nodes.filter(({ kind }) => kind === "variable");
  const nodes = [...new Set([...variables, ...ancestors(output)])];
  const forward = nodes.filter((node) => node.kind !== "number" || node === output);
  const names = new Map(forward.map((node, i): [Node, Name] => [node, valueName(i + 1)]));
  const tangents = findTangents(forward, direction, names);
  const adjoints = findAdjoints(nodes, output, names);
  return {
    graph,
    variables: variables.map(({ name }) => name),
    output,
    forward,
    tangents,
    adjoints,
    names,
    values: evaluate(graph, values),
  };
}

/** A node that can take a name: `node` itself, or a copy if it has one already. */
function unnamed(node: Node, names: ReadonlyMap<Node, Name>): Node {
  return names.has(node) ? node.graph.copy(node) : node;
}

function findTangents(
  forward: readonly Node[],
  direction: ReadonlyMap<string, number>,
  names: Map<Node, Name>,
): Map<Node, Node> {
  const tangents = new Map<Node, Node>();
  for (const node of forward) {
    const parts = node.inputs.flatMap((input, i) => {
      const tangent = tangents.get(input);
      return tangent === undefined ? [] : [slope(node, i, tangent)];
    });
    const given = (): Node => node.graph.number(direction.get(node.name) ?? 0);
    const tangent = unnamed(sum(parts) ?? given(), names);
    tangents.set(node, tangent);
    names.set(tangent, tangentName(names.get(node)!));
  }
  return tangents;
}

function findAdjoints(
  nodes: readonly Node[],
  output: Node,
  names: Map<Node, Name>,
): readonly Adjoint[] {
  const needed = new Set(ancestors(output));
  const influenced = dependent(nodes);
  const parts = new Map<Node, PartialAdjoint[]>();
  const adjoints: Adjoint[] = [];
  for (const of of nodes.toReversed()) {
    if (of !== output && !(needed.has(of) && influenced.has(of))) continue;
    const uses = parts.get(of) ?? [];
    const total = unnamed(sum(uses.map(({ node }) => node)) ?? of.graph.number(1), names);
    names.set(total, adjointName(names.get(of)!));
    adjoints.push({ of, parts: uses, total });
    // Backwards and to the front, so that the uses of a node stand in the order of computation.
    for (let i = of.inputs.length - 1; i >= 0; i--) {
      const input = of.inputs[i]!;
      if (!influenced.has(input)) continue;
      const node = slope(of, i, total);
      parts.set(input, [{ consumer: of, input: i, node }, ...(parts.get(input) ?? [])]);
    }
  }
  // Only now is it known which partial adjoints are an adjoint by themselves.
  for (const { of, parts: uses } of adjoints) {
    for (const { consumer, node } of uses) {
      if (!names.has(node)) names.set(node, edgeName(names.get(of)!, names.get(consumer)!));
    }
  }
  return adjoints;
}

function sum(terms: readonly Node[]): Node | undefined {
  const [first, ...rest] = terms;
  return first && rest.reduce((total, term) => add(total, term), first);
}

/** The adjoint of a variable; null where the output does not depend on it. */
export function adjointOf({ adjoints }: Derivation, variable: string): Node | null {
  const found = adjoints.find(({ of }) => of.kind === "variable" && of.name === variable);
  return found?.total ?? null;
}

/** The value of a node. */
export function valueOf({ values }: Derivation, node: Node): number {
  return values[node.id]!;
}

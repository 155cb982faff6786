/** The computational graph as data, and as text that Graphviz draws. */
import { ArgumentError, args, type DType, show, showShape } from "@needle/ndarray";
import { checkTensors, tensorKind } from "./op.ts";
import { isTensor, type Operand, type Tensor } from "./tensor.ts";

/** A tensor of the graph, or a number that an op was given. */
export interface GraphNode {
  /** `n0`, `n1`, … in the order of computation: the same for the same program. */
  readonly id: string;
  /** A leaf asks for gradients, a constant does not, an op was computed from others. */
  readonly kind: "leaf" | "op" | "constant";
  /** The op that computed it, the name it was given, or the number. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Null for numbers, which have none of their own. */
  readonly dtype: DType | null;
  /** Whether the outputs were computed from it, or only the gradients. */
  readonly part: "forward" | "backward";
  /** Whether a backward pass has freed what came before. */
  readonly freed: boolean;
}

/** An input of an op. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** The position among the op's inputs. */
  readonly input: number;
}

/** A computational graph. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** The graph in Graphviz's language. */
  readonly dot: string;
}

/** What is drawn, and how it is named. */
export interface VisualizeOptions {
  /** Names of tensors, such as `Object.entries(parameters)` or `module.namedParameters()`. */
  readonly names?: Iterable<readonly [name: string, tensor: Tensor]>;
  /** Gradients that were computed with `createGraph`: what only they need is the backward part. */
  readonly gradients?: readonly Tensor[];
}

const namesKind = args.arrayOf({
  expected: "a name and a tensor",
  holds: (pair) => Array.isArray(pair) && typeof pair[0] === "string" && isTensor(pair[1]),
});

const kinds: args.Kinds<VisualizeOptions> = {
  names: {
    expected: "pairs of a name and a tensor",
    holds: (value) => typeof value === "object" && value !== null && Symbol.iterator in value,
  },
  gradients: args.arrayOf(tensorKind),
};

/**
 * The graph that `outputs` were computed by, as nodes, edges and DOT text; with `gradients` also
 * the part by which reverse mode has extended it. What needs no gradient is a constant: how it was
 * computed is not known.
 *
 * @example
 * import { tensor, visualize } from "@needle/autograd";
 * const w = tensor([1, 2], { requiresGrad: true });
 * const { nodes, edges, dot } = visualize(w.mul(3).sum(), { names: [["w", w]] });
 * nodes.map((node) => node.name); // => ["w","3","mul","sum"]
 * edges.length; // => 3
 * dot.split("\n")[0]; // => digraph {
 */
export function visualize(
  outputs: Tensor | readonly Tensor[],
  options: VisualizeOptions = {},
): Graph {
  const { names = [], gradients = [] } = args.checkOptions("visualize", options, kinds);
  const pairs = Array.from(names);
  args.check("visualize", "names", pairs, namesKind);
  const named = new Map(pairs.map(([name, tensor]) => [tensor, name]));
  const results = isTensor(outputs) ? [outputs] : outputs;
  if (!Array.isArray(results)) {
    throw new ArgumentError(
      "visualize",
      `takes a tensor or an array of such, got ${show(results)}`,
    );
  }
  checkTensors("visualize", results);
  const forward = reached(results);
  const tensors = [...reached([...results, ...gradients])].sort((a, b) => a.id - b.id);
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const ids = new Map<Tensor, string>();
  for (const x of tensors) {
    const part = forward.has(x) ? "forward" : "backward";
    const from = inputsOf(x).map((input) =>
      isTensor(input) ? ids.get(input)! : add(nodes, numberNode(input, part)),
    );
    const id = add(nodes, tensorNode(x, named.get(x), part));
    ids.set(x, id);
    from.forEach((source, input) => {
      edges.push({ from: source, to: id, input });
    });
  }
  return { nodes, edges, dot: toDot(nodes, edges) };
}

function inputsOf(x: Tensor): readonly Operand[] {
  return x.node?.inputs ?? [];
}

/** Every tensor that `outputs` were computed from, constants among them. */
function reached(outputs: readonly Tensor[]): Set<Tensor> {
  const seen = new Set<Tensor>(outputs);
  const pending = [...outputs];
  while (pending.length > 0) {
    for (const input of inputsOf(pending.pop()!)) {
      if (!isTensor(input) || seen.has(input)) continue;
      seen.add(input);
      pending.push(input);
    }
  }
  return seen;
}

function add(nodes: GraphNode[], node: Omit<GraphNode, "id">): string {
  const id = `n${nodes.length}`;
  nodes.push({ id, ...node });
  return id;
}

function numberNode(value: number, part: GraphNode["part"]): Omit<GraphNode, "id"> {
  return { kind: "constant", name: String(value), shape: [], dtype: null, part, freed: false };
}

function tensorNode(
  x: Tensor,
  name: string | undefined,
  part: GraphNode["part"],
): Omit<GraphNode, "id"> {
  const { shape, dtype, node } = x;
  const kind = node !== null ? "op" : x.requiresGrad ? "leaf" : "constant";
  const freed = node?.freed ?? false;
  return { kind, name: name ?? node?.rule.name ?? kind, shape, dtype, part, freed };
}

const forms = { leaf: "box", op: "ellipse", constant: "plaintext" } as const;

function toDot(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): string {
  const statements = nodes.map(({ id, kind, name, shape, dtype, part, freed }) => {
    const type = dtype === null ? "" : `\n${dtype} ${showShape(shape)}`;
    const color = part === "backward" ? ", color=blue" : "";
    const style = freed ? ", style=dashed" : "";
    return `${id} [label=${quoted(name + type)}, shape=${forms[kind]}${color}${style}];`;
  });
  const arrows = edges.map(({ from, to }) => `${from} -> ${to};`);
  return ["digraph {", ...[...statements, ...arrows].map((line) => `  ${line}`), "}", ""].join(
    "\n",
  );
}

/** A string as DOT quotes it; its line breaks are written out. */
function quoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return `"${escaped.replaceAll(/\r\n|\r|\n/g, "\\n")}"`;
}

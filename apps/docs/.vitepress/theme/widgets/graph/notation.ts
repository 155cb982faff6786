/** How nodes are called and formulas written: as pieces of text, some of them with a subscript. */
import type { Node, OpName } from "./graph.ts";

/** A piece of a formula. */
export interface Piece {
  readonly text: string;
  readonly sub?: string;
}

/** What a node is called: v, v with a dot (tangent) or with a bar (adjoint), and its number. */
export type Name = Required<Piece>;

/** A formula. */
export type Formula = readonly Piece[];

const dot = "\u0307";
const bar = "\u0304";

export function valueName(number: number): Name {
  return { text: "v", sub: String(number) };
}

export function tangentName({ sub }: Name): Name {
  return { text: `v${dot}`, sub };
}

export function adjointName({ sub }: Name): Name {
  return { text: `v${bar}`, sub };
}

/** A partial adjoint, of one node through another. */
export function edgeName(from: Name, to: Name): Name {
  return { text: `v${bar}`, sub: `${from.sub}→${to.sub}` };
}

/** What stands for a node in a formula; null has it written out. */
type Leaf = (node: Node) => Formula | null;

/** How tightly what was written holds together: sums 1, products 2, signs 3, powers 4, names 5. */
interface Written {
  readonly pieces: Formula;
  readonly level: number;
}

const infix: Partial<Record<OpName, readonly [sign: string, level: number]>> = {
  add: [" + ", 1],
  sub: [" − ", 1],
  mul: [" · ", 2],
  div: [" / ", 2],
};

function write(node: Node, leaf: Leaf, root = false): Written {
  const known = root ? null : leaf(node);
  if (known !== null) return { pieces: known, level: isSigned(known) ? 3 : 5 };
  if (node.kind === "number") return numeral(node.value);
  if (node.kind === "variable") return { pieces: [{ text: node.name }], level: 5 };
  const [left, right] = node.inputs as [Node, Node?];
  if (node.kind === "add" && right?.kind === "neg" && leaf(right) === null) {
    return between(write(left, leaf), " − ", write(right.inputs[0]!, leaf), 1, 2);
  }
  const [a, b] = node.inputs.map((input) => write(input, leaf)) as [Written, Written];
  if (node.kind === "identity") return a;
  if (node.kind === "neg") {
    return { pieces: [text("−"), ...within(a, isSigned(a.pieces) ? 6 : 3)], level: 3 };
  }
  if (node.kind === "pow") {
    return { pieces: [...within(a, 5), text("^"), ...within(b, 4)], level: 4 };
  }
  const sign = infix[node.kind];
  if (sign !== undefined) {
    const [symbol, level] = sign;
    const regroups = node.kind === "add" || node.kind === "mul";
    return between(a, symbol, b, level, regroups ? level : level + 1);
  }
  const pieces = [text(`${node.kind}(`), ...a.pieces, text(")")];
  return { pieces, level: 5 };
}

/** `a` and `b` around an operator, in parentheses where they hold together less than that. */
function between(a: Written, sign: string, b: Written, level: number, least: number): Written {
  // A sign after an operator would read as two operators.
  const right = isSigned(b.pieces) ? 6 : least;
  return { pieces: [...within(a, level), text(sign), ...within(b, right)], level };
}

function numeral(value: number): Written {
  const pieces = [text(showNumber(value))];
  return { pieces, level: isSigned(pieces) ? 3 : 5 };
}

function isSigned([first]: Formula): boolean {
  return first?.text.startsWith("−") === true;
}

function within({ pieces, level }: Written, least: number): Formula {
  return level >= least ? pieces : [text("("), ...pieces, text(")")];
}

function text(characters: string): Piece {
  return { text: characters };
}

/** A number to six significant digits (a whole one exactly), with a real minus. */
export function showNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const rounded = Number.isInteger(value) && Math.abs(value) < 1e9 ? value : value.toPrecision(6);
  return String(Number(rounded)).replaceAll("-", "−");
}

/** How a node is computed from nodes that have names. */
export function formulaOf(node: Node, names: ReadonlyMap<Node, Name>): Formula {
  const leaf: Leaf = (part) => {
    const name = names.get(part);
    return name === undefined ? null : [name];
  };
  return write(node, leaf, true).pieces;
}

/** The same with the values of those nodes in their places. */
export function numbersOf(
  node: Node,
  names: ReadonlyMap<Node, Name>,
  values: readonly number[],
): Formula {
  const leaf: Leaf = (part) => (names.has(part) ? [text(showNumber(values[part.id]!))] : null);
  return write(node, leaf, true).pieces;
}

/** A node as an expression of the variables; null if that takes more than 60 ops. */
export function expressionOf(node: Node): Formula | null {
  const sizes = new Map<Node, number>();
  const size = (part: Node): number => {
    const known = sizes.get(part);
    if (known !== undefined) return known;
    const found = part.inputs.reduce((sum, input) => sum + size(input), 1);
    sizes.set(part, found);
    return found;
  };
  return size(node) > 120 ? null : write(node, () => null, true).pieces;
}

/** What a node does, to stand in its box. */
export function opLabel(node: Node): string {
  if (node.kind === "number") return showNumber(node.value);
  if (node.kind === "variable") return node.name;
  return signs[node.kind];
}

const signs: Readonly<Record<OpName, string>> = {
  add: "+",
  sub: "−",
  mul: "×",
  div: "÷",
  pow: "^",
  neg: "−",
  exp: "exp",
  log: "log",
  sin: "sin",
  cos: "cos",
  tanh: "tanh",
  relu: "relu",
  step: "step",
  sqrt: "sqrt",
  identity: "=",
};

/** A formula as plain text: `v̄2→4`. */
export function plain(formula: Formula): string {
  return formula.map(({ text: part, sub = "" }) => part + sub).join("");
}

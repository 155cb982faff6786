/** What the stepper shows after a number of steps: the nodes' rows, what just happened, the boxes. */
import { type Adjoint, type Derivation, valueOf } from "./derivation.ts";
import { ancestors, dependent, type Node } from "./graph.ts";
import { type Item, type Layout, layered } from "./layout.ts";
import {
  edgeName,
  type Formula,
  formulaOf,
  type Name,
  numbersOf,
  opLabel,
  plain,
  showNumber,
} from "./notation.ts";

/** How many boxes are drawn at most. */
export const mostBoxes = 100;

/** How many steps there are: one for each node forward, then one for each adjoint. */
export function stepsOf({ forward, adjoints }: Derivation): number {
  return forward.length + adjoints.length;
}

/** What a step computes: a node, or an adjoint. Null before the first. */
export function stepAt(
  { forward, adjoints }: Derivation,
  step: number,
): { readonly node: Node; readonly adjoint: Adjoint | null } | null {
  if (step === 0) return null;
  const node = forward[step - 1];
  if (node !== undefined) return { node, adjoint: null };
  const adjoint = adjoints[step - 1 - forward.length]!;
  return { node: adjoint.of, adjoint };
}

/** A node's line in the table; null is what is not known yet. */
export interface Row {
  readonly node: Node;
  readonly name: Name;
  readonly formula: Formula;
  readonly value: string | null;
  readonly tangent: string | null;
  readonly adjoint: string | null;
}

/** The nodes after `step` steps. */
export function rowsOf(derivation: Derivation, step: number): Row[] {
  const { forward, adjoints, names, tangents } = derivation;
  const done = new Map(
    adjoints.slice(0, Math.max(0, step - forward.length)).map(({ of, total }) => [of, total]),
  );
  const isFinished = step === stepsOf(derivation);
  const show = (node: Node): string => showNumber(valueOf(derivation, node));
  return forward.map((node, i) => {
    const adjoint = done.get(node);
    return {
      node,
      name: names.get(node)!,
      formula: formulaOf(node, names),
      value: i < step ? show(node) : null,
      tangent: i < step ? show(tangents.get(node)!) : null,
      // What the output does not depend on gets no adjoint: it is 0.
      adjoint: adjoint !== undefined ? show(adjoint) : isFinished ? "0" : null,
    };
  });
}

/** An equation: what is computed, as formula, with numbers in it, and its value. */
export type Equation = readonly Formula[];

/** What the last of `step` steps computed. */
export function explain(derivation: Derivation, step: number): Equation[] {
  const at = stepAt(derivation, step);
  if (at === null) return [];
  const { node, adjoint } = at;
  if (adjoint !== null) return explainAdjoint(derivation, adjoint);
  const tangent = derivation.tangents.get(node)!;
  return [equation(derivation, node), equation(derivation, tangent)];
}

function explainAdjoint(derivation: Derivation, { of, parts, total }: Adjoint): Equation[] {
  const { names } = derivation;
  const edges = parts.map(({ consumer }) => edgeName(names.get(of)!, names.get(consumer)!));
  const lines = parts.map(({ node }, i) => {
    // A part may be the adjoint of something else, handed on: then that one's name says it all.
    const name = names.get(node)!;
    const isOwn = node === total || plain([name]) === plain([edges[i]!]);
    const formula = isOwn ? formulaOf(node, names) : [name];
    const numbers = isOwn ? numbersOf(node, names, derivation.values) : [];
    return distinct([[edges[i]!], formula, numbers, number(derivation, node)]);
  });
  const sum = edges.flatMap((edge, i): Formula => (i === 0 ? [edge] : [{ text: " + " }, edge]));
  const terms = parts.length > 1 ? numbersOf(total, names, derivation.values) : [];
  return [...lines, distinct([[names.get(total)!], sum, terms, number(derivation, total)])];
}

function equation(derivation: Derivation, node: Node): Equation {
  const { names, values } = derivation;
  const numbers = node.kind === "variable" ? [] : numbersOf(node, names, values);
  const name = names.get(node)!;
  return distinct([[name], formulaOf(node, names), numbers, number(derivation, node)]);
}

function number(derivation: Derivation, node: Node): Formula {
  return [{ text: showNumber(valueOf(derivation, node)) }];
}

/** Without empty sides, and without those that repeat the one before. */
function distinct(sides: readonly Formula[]): Equation {
  const full = sides.filter((side) => side.length > 0);
  return full.filter((side, i) => i === 0 || plain(side) !== plain(full[i - 1]!));
}

/** A box of the drawing. */
export interface Box {
  readonly id: number;
  readonly name: Name | null;
  readonly label: string;
  readonly part: "forward" | "number" | "adjoint";
  readonly isCurrent: boolean;
  readonly value: string | null;
  readonly tangent: string | null;
  readonly adjoint: string | null;
}

/** The boxes that have been reached, those of adjoints among them where the graph is extended. */
export function boxesOf(derivation: Derivation, step: number, extended: boolean): Box[] {
  const { names, adjoints, forward, output } = derivation;
  const at = stepAt(derivation, step);
  const rows = new Map(rowsOf(derivation, step).map((row) => [row.node, row]));
  const boxes = originals(derivation).map((node): Box => {
    const { name = null, value = null, tangent = null, adjoint = null } = rows.get(node) ?? {};
    const part = node.kind === "number" && node !== output ? "number" : "forward";
    const isCurrent = node === at?.node && (at.adjoint === null || !extended);
    const shown = extended ? null : adjoint;
    return {
      id: node.id,
      name,
      label: opLabel(node),
      part,
      isCurrent,
      value,
      tangent,
      adjoint: shown,
    };
  });
  if (!extended) return boxes;
  const reached = adjoints.slice(0, Math.max(0, step - forward.length));
  const drawn = new Set(originals(derivation));
  for (const adjoint of reached) {
    for (const node of nodesOf(adjoint)) {
      if (drawn.has(node)) continue;
      drawn.add(node);
      boxes.push({
        id: node.id,
        name: names.get(node) ?? null,
        label: opLabel(node),
        part: "adjoint",
        isCurrent: adjoint === at?.adjoint,
        value: showNumber(valueOf(derivation, node)),
        tangent: null,
        adjoint: null,
      });
    }
  }
  return boxes;
}

/** The nodes of the graph as it was written, with the numbers in it. */
function originals({ forward, output }: Derivation): Node[] {
  return [...new Set([...forward, ...ancestors(output)])].sort((a, b) => a.id - b.id);
}

/** All that an adjoint is computed of. */
function nodesOf({ parts, total }: Adjoint): Node[] {
  return [...parts.map(({ node }) => node), total].flatMap(ancestors);
}

/** Where the boxes stand: the same for every step, so that nothing jumps. Null if too many. */
export function layoutOf(derivation: Derivation, extended: boolean): Layout | null {
  const { adjoints, output, forward } = derivation;
  const first = originals(derivation);
  const all = new Set(extended ? [...first, ...adjoints.flatMap(nodesOf)] : first);
  if (all.size > mostBoxes) return null;
  const nodes = [...all].sort((a, b) => a.id - b.id);
  const seed = adjoints[0]!.total;
  // What adjoints need of the forward part alone stands near them.
  const flows = dependent(first);
  const original = new Set(first);
  const items = nodes.map((node): Item => {
    const isHelper = !original.has(node) && node !== seed && !isBelow(node, seed);
    return {
      id: node.id,
      inputs: node.inputs.map(({ id }) => id),
      below: node === seed ? [output.id] : [],
      late: isHelper || (original.has(node) && !flows.has(node) && !forward.includes(node)),
    };
  });
  return layered(items);
}

function isBelow(node: Node, seed: Node): boolean {
  return ancestors(node).includes(seed);
}

/** `y`, `∂y/∂x1`, `∂²y/∂x1∂x2`, …: a derivative by these variables in turn. */
export function derivativeName(variables: readonly string[]): string {
  if (variables.length === 0) return "y";
  const order = variables.length === 1 ? "" : superscript(variables.length);
  return `∂${order}y/${variables.map((name) => `∂${name}`).join("")}`;
}

function superscript(number: number): string {
  return [...String(number)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
}

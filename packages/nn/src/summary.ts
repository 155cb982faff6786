/**
 * What a model is made of, layer by layer: shapes, parameters, memory and work. Found by a pass on
 * arrays without values, so it costs nothing however large the model is.
 */
import { evalShape, isTensor, type Tensor } from "@needle/autograd";
import {
  args,
  arrayOptions,
  bytesPerElement,
  type DType,
  type Shape,
  showShape,
} from "@needle/ndarray";
import { Module } from "./module.ts";

/** One module of a summary. */
export interface SummaryRow {
  /** Its place in the model; empty for the model itself. */
  readonly name: string;
  /** Its class. */
  readonly kind: string;
  /** How deep inside the model it is. */
  readonly depth: number;
  /** The shapes of its outputs; none if it was not called. */
  readonly outputs: readonly Shape[];
  /** Numbers that are learned, in it and in what is inside; those shared with earlier rows, too. */
  readonly parameters: number;
  /** Multiplications with an addition in one pass, in it and in what is inside. */
  readonly multiplyAdds: number;
}

/** A model, row by row, and in sum. */
export interface Summary {
  readonly rows: readonly SummaryRow[];
  /** Numbers that are learned, shared ones counted once. */
  readonly parameters: number;
  /** Of these, those that ask for gradients. */
  readonly trainable: number;
  /** Of parameters and buffers. */
  readonly bytes: number;
  /** Of the outputs of all layers in one pass. */
  readonly activationBytes: number;
  readonly multiplyAdds: number;
  /** The table as text. */
  toString(): string;
}

type AnyModule = Module<never, unknown>;

/** What a pass has shown of a module. */
interface Seen {
  outputs: Tensor[];
  multiplyAdds: number;
}

const moduleKind: args.Kind = {
  expected: "a Module",
  holds: (value) => value instanceof Module,
};

const shapeKind = args.arrayOf(args.whole(0));
const inputKind: args.Kind = {
  expected: "a shape or { shape, dtype }",
  holds: (value) => {
    const { shape, dtype = "float32" } = Object(value) as { shape?: unknown; dtype?: unknown };
    return shapeKind.holds(value) || (shapeKind.holds(shape) && arrayOptions.dtype.holds(dtype));
  },
};

/**
 * The layers of a model, their output shapes, parameters, memory and multiply-adds, for inputs of
 * the shapes given (a batch of one or more).
 *
 * @param shapes - of the arguments of `forward`, or `{ shape, dtype }` where they are not float32.
 *
 * @example
 * import { Linear, ReLU, Sequential, summary } from "@needle/nn";
 * const model = new Sequential(new Linear(784, 100), new ReLU(), new Linear(100, 10));
 * const { parameters, multiplyAdds, rows } = summary(model, [1, 784]);
 * [parameters, multiplyAdds]; // => [79510,79400]
 * rows.slice(1, 3).map(({ name, kind, outputs }) => [name, kind, outputs[0]]); // => [["layers.0","Linear",[1,100]],["layers.1","ReLU",[1,100]]]
 */
export function summary(
  model: Module<never, unknown>,
  ...shapes: readonly (Shape | { readonly shape: Shape; readonly dtype?: DType })[]
): Summary {
  args.check("summary", "the model", model, moduleKind);
  shapes.forEach((shape, i) => {
    args.check("summary", `input ${i}`, shape, inputKind);
  });
  const named = model.namedModules();
  const seen = new Map<AnyModule, Seen>(
    named.map(([, module]) => [module, { outputs: [], multiplyAdds: 0 }]),
  );
  const removers = named.map(([, module]) => watch(module, seen.get(module)!));
  const modes = named.map(([, module]) => module.training);
  model.eval();
  try {
    const run = (...inputs: Tensor[]): Tensor[] => {
      return leaves((model.forward as (...inputs: Tensor[]) => unknown)(...inputs));
    };
    const evaluate = evalShape as unknown as (fn: typeof run, ...shapes: unknown[]) => unknown;
    evaluate(run, ...shapes);
  } finally {
    for (const remove of removers) remove();
    named.forEach(([, module], i) => {
      module.training = modes[i]!;
    });
  }
  return summed(model, named, seen);
}

/** Takes note of every call of a module. */
function watch(module: AnyModule, seen: Seen): () => void {
  return module.registerForwardHook<readonly unknown[], unknown>((_, inputs, output) => {
    const outputs = leaves(output);
    const given = leaves(inputs).map(({ shape }) => shape);
    const produced = outputs.map(({ shape }) => shape);
    seen.outputs = outputs;
    seen.multiplyAdds += module.multiplyAdds(given, produced);
  });
}

function leaves(value: unknown): Tensor[] {
  if (isTensor(value)) return [value];
  if (Array.isArray(value)) return value.flatMap(leaves);
  return [];
}

function count(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { size }) => sum + size, 0);
}

function bytesOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { size, dtype }) => sum + size * bytesPerElement(dtype), 0);
}

function summed(
  model: AnyModule,
  named: readonly (readonly [name: string, module: AnyModule])[],
  seen: ReadonlyMap<AnyModule, Seen>,
): Summary {
  const work = (module: AnyModule): number =>
    module.modules().reduce((sum, part) => sum + (seen.get(part)?.multiplyAdds ?? 0), 0);
  const paths = new Set(named.map(([name]) => name));
  const rows = named.map(
    ([name, module]): SummaryRow => ({
      name,
      kind: module.constructor.name,
      depth: depthOf(name, paths),
      outputs: seen.get(module)!.outputs.map(({ shape }) => shape),
      parameters: count(module.parameters()),
      multiplyAdds: work(module),
    }),
  );
  const parameters = model.parameters();
  const buffers = model.namedBuffers().map(([, buffer]) => buffer);
  const activations = named.flatMap(([, module]) =>
    module.children().length === 0 ? seen.get(module)!.outputs : [],
  );
  const result = {
    rows,
    parameters: count(parameters),
    trainable: count(parameters.filter(({ requiresGrad }) => requiresGrad)),
    bytes: bytesOf([...parameters, ...buffers]),
    activationBytes: bytesOf(activations),
    multiplyAdds: rows[0]!.multiplyAdds,
  };
  return { ...result, toString: () => table(result) };
}

/** How many modules there are above one, counted by the paths that lead to it. */
function depthOf(name: string, paths: ReadonlySet<string>): number {
  if (name === "") return 0;
  const parts = name.split(".");
  const above = parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("."));
  return 1 + above.filter((path) => paths.has(path)).length;
}

function table(summary: Omit<Summary, "toString">): string {
  const cells = summary.rows.map(({ name, kind, depth, outputs, parameters, multiplyAdds }) => {
    const label = name === "" ? kind : `${"  ".repeat(depth)}${name}: ${kind}`;
    const shapes = outputs.map((shape) => showShape(shape)).join(" ") || "not called";
    return [label, shapes, grouped(parameters), grouped(multiplyAdds)];
  });
  const lines = [["layer", "output", "parameters", "multiply-adds"], ...cells];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...lines.map((line) => line[i]!.length)));
  const row = (line: readonly string[]): string =>
    line
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd();
  const [head, ...rest] = lines.map(row);
  const rule = "-".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const { parameters, trainable, bytes, activationBytes, multiplyAdds } = summary;
  const frozen = trainable === parameters ? "" : `, ${grouped(trainable)} of them trainable`;
  return [
    head,
    rule,
    ...rest,
    rule,
    `${grouped(parameters)} parameters${frozen}; ${grouped(multiplyAdds)} multiply-adds`,
    `${megabytes(bytes)} of weights, ${megabytes(activationBytes)} of activations`,
  ].join("\n");
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}

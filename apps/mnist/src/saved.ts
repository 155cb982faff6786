/**
 * A model as the bytes of a safetensors file: its values by name, and what they belong to as the
 * file's metadata. The terminal and the page write and read the same. Nothing a file says is
 * believed before it has been compared with what is there.
 */
import { formatSafetensors, parseSafetensors } from "@needle/data";
import { FormatError, type NDArray, scope, showShape } from "@needle/ndarray";
import { type ModelName, models } from "./models/index.ts";
import { type Learner, pixels } from "./models/model.ts";

/** What a model is made of, apart from its values. */
export interface Architecture {
  readonly model: ModelName;
  /** The width of the hidden layer; 0 where there is none. */
  readonly hidden: number;
  /** Whether the layers of `mlp` have biases. */
  readonly bias: boolean;
}

/** A model as it was saved. */
export interface SavedModel {
  /** What errors call it. */
  readonly name: string;
  readonly architecture: Architecture;
  readonly tensors: Readonly<Record<string, NDArray>>;
}

/** A file does not hold a model, or not the one wanted. Its text is for people. */
export class ModelFileError extends Error {}

/** What the metadata calls the program, so that other files are told from models. */
const program = "needle-mnist";

/**
 * The bytes of a file that holds what a learner has learned.
 *
 * @throws ModelFileError when learning went so wrong that there is nothing worth keeping.
 */
export async function formatModel(
  learner: Learner,
  { model, hidden, bias }: Architecture,
): Promise<Uint8Array> {
  const state = learner.state();
  const problems = await notFinite(state);
  if (problems.length > 0) throw new ModelFileError(`the model is not saved: ${problems[0]}`);
  const metadata = { program, model, hidden: String(hidden), bias: String(bias) };
  return formatSafetensors(state, metadata);
}

/**
 * Reads the bytes of a file.
 *
 * @param name - what errors call it.
 * @throws ModelFileError for a damaged file, or one that holds something else.
 */
export function parseModel(bytes: Uint8Array, name: string): SavedModel {
  const refuse = (problem: string): never => {
    throw new ModelFileError(`${name}: ${problem}`);
  };
  try {
    const { metadata, tensors } = parseSafetensors(bytes, { name });
    if (metadata.program !== program) refuse(`was not saved by ${program}`);
    const architecture = architectureOf(metadata, bytes.length, refuse);
    return { name, architecture, tensors };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ModelFileError(error.message.replace(/^parseSafetensors: /, ""));
  }
}

/** What the metadata says, once it is known to be possible. */
function architectureOf(
  metadata: Readonly<Record<string, string>>,
  size: number,
  refuse: (problem: string) => never,
): Architecture {
  const { model = "", hidden = "", bias = "" } = metadata;
  if (!isModelName(model)) return refuse(`holds the model ${JSON.stringify(model)}, unknown here`);
  if (!/^(0|[1-9]\d{0,8})$/.test(hidden) || (hidden === "0") !== (models[model].hidden === null)) {
    refuse(`says that the hidden layer of ${model} has the width ${JSON.stringify(hidden)}`);
  }
  if (!(bias === "true" || (bias === "false" && models[model].biasOptional))) {
    refuse(`says that ${model} has biases: ${JSON.stringify(bias)}`);
  }
  // Each hidden unit has at least a weight for every pixel, so this is too large a claim; a network
  // of that size is not even made.
  if (Number(hidden) * pixels * 4 > size) {
    refuse(`says that the hidden layer has the width ${hidden}, but has only ${size} bytes`);
  }
  return { model, hidden: Number(hidden), bias: bias === "true" };
}

function isModelName(name: string): name is ModelName {
  return Object.hasOwn(models, name);
}

/**
 * Copies what was saved into a learner of the same architecture. Nothing is changed when anything
 * does not fit.
 *
 * @throws ModelFileError listing everything that is missing, unexpected, of another shape or dtype,
 * or not finite.
 */
export async function restore(learner: Learner, { name, tensors }: SavedModel): Promise<void> {
  const own = learner.state();
  const problems = [
    ...Object.entries(own).flatMap(([key, wanted]) => {
      const found = Object.hasOwn(tensors, key) ? tensors[key] : undefined;
      const expected = `${wanted.dtype} ${showShape(wanted.shape)}`;
      if (found === undefined) return [`missing ${key}, ${expected}`];
      const got = `${found.dtype} ${showShape(found.shape)}`;
      return got === expected ? [] : [`${key} is ${got}, expected ${expected}`];
    }),
    ...Object.entries(tensors).flatMap(([key, { dtype, shape }]) =>
      Object.hasOwn(own, key) ? [] : [`unexpected ${key}, ${dtype} ${showShape(shape)}`],
    ),
    ...(await notFinite(tensors)),
  ];
  if (problems.length > 0) {
    throw new ModelFileError(`${name} does not fit:\n${problems.map((p) => `  ${p}`).join("\n")}`);
  }
  scope(() => {
    for (const [key, value] of Object.entries(own)) value.assign(tensors[key]!.to(value.backend));
  });
}

/** A line for each array with values that no training leaves behind unless it went wrong. */
async function notFinite(tensors: Readonly<Record<string, NDArray>>): Promise<string[]> {
  const lines: string[] = [];
  for (const [key, array] of Object.entries(tensors)) {
    let bad = 0;
    for (const value of await array.data()) if (!Number.isFinite(value)) bad++;
    if (bad > 0) lines.push(`${key} has ${bad} of ${array.size} values that are not finite`);
  }
  return lines;
}

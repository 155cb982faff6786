/** What the flags come to: the choices of a run, with what holds where they are not given. */
import type { BackendName } from "./backends.ts";
import { type ModelName, models } from "./models/index.ts";
import type { ModelEntry, ModelSettings, OptimizerName } from "./models/model.ts";
import { ModelFileError, type SavedModel } from "./saved.ts";

/** What the user asked for cannot be done: a line on stderr, exit code 2. */
export class UsageError extends Error {}

/** What the arithmetic runs on. */
export interface BackendFlags {
  readonly backend: BackendName;
  /** As many as the backend takes by itself unless given; they change no number. */
  readonly threads?: number;
}

/** Which digits there are. */
export interface DataFlags {
  /** The folder of the data; the installed package unless given. */
  readonly data?: string;
  /** How many rows of each set to use; all unless given. */
  readonly limit?: number;
}

/** What is given to train, before the model's defaults. */
export interface TrainFlags extends BackendFlags, DataFlags {
  readonly model?: ModelName;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly lr?: number;
  readonly hidden?: number;
  readonly optimizer?: OptimizerName;
  readonly momentum?: number;
  readonly weightDecay?: number;
  readonly bias: boolean;
  readonly seed: number;
  readonly shuffle: boolean;
  readonly json?: boolean;
  readonly show?: boolean;
  readonly summary?: boolean;
  readonly save?: string;
  readonly load?: string;
}

/** What is given to measure a saved model. */
export interface TestFlags extends BackendFlags, DataFlags {
  readonly load: string;
  readonly json?: boolean;
}

/** What is given to read an image. */
export interface PredictFlags extends BackendFlags {
  readonly image: string;
  readonly load: string;
  readonly json?: boolean;
}

/** What the command line asks for. */
export type Asked =
  | { readonly command: "train"; readonly flags: TrainFlags }
  | { readonly command: "test"; readonly flags: TestFlags }
  | { readonly command: "predict"; readonly flags: PredictFlags };

/** Everything a training is made of, with the model's defaults filled in. */
export interface Settings extends ModelSettings, BackendFlags, DataFlags {
  readonly model: ModelName;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly shuffle: boolean;
  readonly json: boolean;
  readonly show: boolean;
  readonly summary: boolean;
  /** The file that the model is saved to. */
  readonly save: string | undefined;
}

/** The model that is trained unless another is named or loaded. */
const firstModel = "mlp";

/**
 * Fills in what the flags leave open, from the model to go on with, if any, and the defaults of its
 * kind.
 *
 * @throws UsageError when flags do not go together.
 * @throws ModelFileError when they ask for another model than the saved one.
 */
export function settingsOf(flags: TrainFlags, saved: SavedModel | null): Settings {
  if (saved !== null) checkSaved(flags, saved);
  const model = flags.model ?? saved?.architecture.model ?? firstModel;
  const entry = models[model];
  checkFlags(flags, model, entry);
  const optimizer = flags.optimizer ?? (Object.keys(entry.lr)[0] as OptimizerName);
  return {
    ...flags,
    model,
    optimizer,
    epochs: flags.epochs ?? entry.epochs,
    batchSize: flags.batchSize ?? entry.batchSize,
    lr: flags.lr ?? entry.lr[optimizer]!,
    hidden: saved?.architecture.hidden ?? flags.hidden ?? entry.hidden ?? 0,
    bias: saved?.architecture.bias ?? flags.bias,
    momentum: flags.momentum ?? 0,
    weightDecay: flags.weightDecay ?? 0,
    json: flags.json ?? false,
    show: flags.show ?? false,
    summary: flags.summary ?? false,
    save: flags.save,
  };
}

/** Flags may repeat what a saved model is, and not ask for anything else. */
function checkSaved(flags: TrainFlags, { name, architecture }: SavedModel): void {
  const { model, hidden, bias } = architecture;
  const differences: string[] = [];
  if (flags.model !== undefined && flags.model !== model) {
    differences.push(`--model ${flags.model}, but it holds ${model}`);
  }
  if (flags.hidden !== undefined && flags.hidden !== hidden) {
    differences.push(`--hidden ${flags.hidden}, but its hidden layer has the width ${hidden}`);
  }
  if (!flags.bias && bias) differences.push("--no-bias, but it has biases");
  if (differences.length === 0) return;
  const lines = differences.map((difference) => `\n  ${difference}`).join("");
  throw new ModelFileError(`${name} is not the model that the flags ask for:${lines}`);
}

/** Flags that the model would ignore are refused. */
function checkFlags(flags: TrainFlags, model: ModelName, entry: ModelEntry): void {
  const refuse = (flag: string, why: string): never => {
    throw new UsageError(`option '${flag}' does not go with ${model}, ${why}`);
  };
  if (flags.optimizer !== undefined && !(flags.optimizer in entry.lr)) {
    refuse(`--optimizer ${flags.optimizer}`, "which learns by plain SGD");
  }
  if (flags.hidden !== undefined && entry.hidden === null) {
    refuse("--hidden", "which has no hidden layer");
  }
  if (!entry.tunable) {
    if (flags.momentum !== undefined) refuse("--momentum", "which learns by plain SGD");
    if (flags.weightDecay !== undefined) refuse("--weight-decay", "which learns by plain SGD");
  }
  checkBackend(flags);
  if (!flags.bias && !entry.biasOptional) refuse("--no-bias", "only with mlp");
  const optimizer = flags.optimizer ?? Object.keys(entry.lr)[0];
  if (flags.momentum !== undefined && optimizer !== "sgd") {
    throw new UsageError("option '--momentum' goes with --optimizer sgd only");
  }
}

/** @throws UsageError for threads where there can be none. */
export function checkBackend({ threads, backend }: BackendFlags): void {
  if (threads !== undefined && backend !== "wasm") {
    throw new UsageError("option '--threads' goes with --backend wasm only");
  }
}

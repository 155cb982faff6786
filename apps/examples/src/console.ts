/**
 * What all programs have in common: their flags, the backend they compute on, and how they print
 * what they find, to people (lines and a progress bar) or to programs (`--json`).
 */
import type { Writable } from "node:stream";
import { createWasmBackend } from "@needle/backend-wasm";
import {
  type Backend,
  createReferenceBackend,
  manualSeed,
  setDefaultBackend,
} from "@needle/ndarray";
import cliProgress from "cli-progress";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

/** The flags that every program takes. */
export interface Settings {
  readonly epochs: number;
  /** How many items of each set to use; all unless given. */
  readonly limit: number | undefined;
  readonly seed: number;
  readonly backend: BackendName;
  /** As many as the backend takes by itself unless given. */
  readonly threads: number | undefined;
  readonly json: boolean;
}

/** One program. */
export interface Program<Flags extends Settings = Settings> {
  /** What it trains, in a few words. */
  readonly summary: string;
  /** How many epochs it trains unless told otherwise. */
  readonly epochs: number;
  /** Adds flags of its own; `run` finds them in its settings. */
  readonly flags?: (command: Command) => void;
  /** Trains and reports, with the backend made and the generator seeded. */
  readonly run: (settings: Flags, report: Report) => Promise<void>;
}

/** Programs by name; each gets the settings that the flags it declares give. */
export type Programs = Readonly<Record<string, Program<never>>>;

/** What `--backend` can be. */
type BackendName = "wasm" | "reference";

const backends: Readonly<
  Record<BackendName, (settings: Pick<Settings, "threads">) => Backend | Promise<Backend>>
> = {
  wasm: createWasmBackend,
  reference: createReferenceBackend,
};

/** A stream for text; the rest is there when it leads to a terminal. */
interface Output extends Writable {
  readonly isTTY?: boolean;
  /** The width of the terminal. */
  readonly columns?: number;
}

/** Where a program writes. */
export interface Streams {
  readonly stdout: Output;
  readonly stderr: Output;
}

/** What the user asked for cannot be done: one line on stderr, exit code 2. */
export class UsageError extends Error {}

/** Prints what a program finds. */
export class Report {
  /** How many characters fit in a line. */
  readonly columns: number;
  readonly #streams: Streams;
  readonly #json: boolean;
  readonly #bar: cliProgress.SingleBar | null;
  #label: string | null = null;

  constructor(streams: Streams, json: boolean) {
    this.columns = streams.stdout.columns ?? 80;
    this.#streams = streams;
    this.#json = json;
    const bar = (): cliProgress.SingleBar =>
      new cliProgress.SingleBar({
        stream: streams.stdout,
        format: "{label} [{bar}] {value}/{total}  {note}  {eta} s left",
        barsize: 24,
        clearOnComplete: true,
        hideCursor: false,
        gracefulExit: false,
      });
    this.#bar = streams.stdout.isTTY === true && !json ? bar() : null;
  }

  /** How far a pass has come: a bar on a terminal, nothing elsewhere. */
  progress(label: string, done: number, total: number, note = ""): void {
    if (label === this.#label) {
      this.#bar?.update(done, { label, note });
      return;
    }
    this.clear();
    this.#label = label;
    this.#bar?.start(total, done, { label, note });
  }

  /** A result, in words for people; `--json` prints the values instead, one object a line. */
  result(values: Readonly<Record<string, unknown>>, text: string): void {
    this.clear();
    this.#streams.stdout.write(`${this.#json ? JSON.stringify(values) : text}\n`);
  }

  /** What only people read: a picture, a sample, a summary. */
  print(text: string): void {
    this.clear();
    if (!this.#json) this.#streams.stdout.write(`${text}\n`);
  }

  /** Ends the bar. */
  clear(): void {
    this.#bar?.stop();
    this.#label = null;
  }
}

/**
 * Runs the program that the first argument names, and gives the exit code: 0, or 2 with a line on
 * stderr when it cannot be done.
 *
 * @param argv - the arguments, without those of Node.
 */
export async function main(
  argv: readonly string[],
  programs: Programs,
  streams: Streams,
): Promise<number> {
  const command = commandOf(programs, streams);
  try {
    await command.parseAsync(argv.length === 0 ? ["--help"] : argv, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (!(error instanceof CommanderError || error instanceof UsageError)) throw error;
    streams.stderr.write(`error: ${error.message.replace(/^error: /, "")}\n`);
    return 2;
  }
}

function commandOf(programs: Programs, streams: Streams): Command {
  const quiet = (command: Command): Command =>
    command.exitOverride().configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      // The error is thrown, too, and reported from there.
      writeErr: () => {},
    });
  const all = quiet(new Command("example").helpOption("--help", "print this"))
    .helpCommand(false)
    .description("Trains one of the example networks: example PROGRAM --help tells its flags.");
  for (const [name, program] of Object.entries(programs)) {
    const command = quiet(all.command(name).description(program.summary))
      .helpOption("--help", "print this")
      .option("--epochs <n>", "passes over the training set", wholeNumber(1), program.epochs)
      .option("--limit <n>", "use only the first n items of each set", wholeNumber(1))
      .option("--seed <n>", "the same seed gives the same output", wholeNumber(0, 2 ** 32 - 1), 0)
      .addOption(
        new Option("--backend <name>", "what computes")
          .choices(Object.keys(backends))
          .default("wasm"),
      )
      .option("--threads <n>", "threads of the wasm backend", wholeNumber(1, 32))
      .option("--json", "print one JSON object a result and nothing else", false)
      .action((settings) => start(program, settings as never, streams));
    program.flags?.(command);
  }
  return all;
}

async function start<Flags extends Settings>(
  program: Program<Flags>,
  settings: Flags,
  streams: Streams,
): Promise<void> {
  if (settings.threads !== undefined && settings.backend !== "wasm") {
    throw new UsageError("option '--threads' goes with --backend wasm only");
  }
  setDefaultBackend(await backends[settings.backend]({ threads: settings.threads }));
  manualSeed(settings.seed);
  const report = new Report(streams, settings.json);
  try {
    await program.run(settings, report);
  } finally {
    report.clear();
  }
}

/** A parser of whole numbers in a range, for flags. */
export function wholeNumber(
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const range =
      most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

/** A parser of numbers above 0, for flags. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

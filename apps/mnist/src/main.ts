/** The program from its arguments to its exit code; what it touches comes in through `io`. */
import { manualSeed, setDefaultBackend } from "@needle/ndarray";
import { backends } from "./backends.ts";
import { parseCommandLine } from "./command-line.ts";
import { type DigitSets, loadDigits } from "./digits.ts";
import { evaluate } from "./evaluate.ts";
import { checkReplaceable, readModel, replaceFile } from "./files.ts";
import { type IO, type Output, paint } from "./io.ts";
import { models } from "./models/index.ts";
import type { Learner } from "./models/model.ts";
import {
  type Asked,
  type BackendFlags,
  type PredictFlags,
  type Settings,
  settingsOf,
  type TestFlags,
  type TrainFlags,
  UsageError,
} from "./options.ts";
import { describePrediction, predict, readDigit } from "./predict.ts";
import { jsonReporter, textReporter } from "./report.ts";
import { describeEvaluation } from "./results.ts";
import { formatModel, ModelFileError, restore } from "./saved.ts";
import { show } from "./show.ts";
import { clip, count, flow } from "./text.ts";
import { type Outcome, train } from "./train.ts";

/** Exit codes. */
const done = 0;
const wrongUse = 2;
const interrupted = 130;

/**
 * Runs the trainer and gives its exit code.
 *
 * @param argv - the arguments, without those of Node.
 */
export async function main(argv: readonly string[], io: IO): Promise<number> {
  try {
    const asked = parseCommandLine(argv, io);
    return asked === null ? done : await run(asked, io);
  } catch (error) {
    if (io.signal.aborted && error === io.signal.reason) return interrupted;
    if (!(error instanceof UsageError || error instanceof ModelFileError)) throw error;
    io.stderr.write(`${paint(io.stderr, "red", "error:")} ${error.message}\n`);
    return wrongUse;
  }
}

function run(asked: Asked, io: IO): Promise<number> {
  if (asked.command === "train") return runTraining(asked.flags, io);
  if (asked.command === "test") return runTest(asked.flags, io);
  return runPrediction(asked.flags, io);
}

async function runTraining(flags: TrainFlags, io: IO): Promise<number> {
  const start = performance.now();
  const saved = flags.load === undefined ? null : await readModel(flags.load);
  const settings = settingsOf(flags, saved);
  if (settings.save !== undefined) await checkReplaceable(settings.save);
  await prepare(settings);
  manualSeed(settings.seed);
  const digits = await loadDigits(settings);
  const steps = settings.epochs * Math.ceil(digits.train.length / settings.batchSize);
  const learner = models[settings.model].create({ ...settings, steps });
  if (saved !== null) await restore(learner, saved);
  if (settings.summary) writeSummary(learner, settings, io);

  const outcome = await runEpochs(learner, digits, settings, io, start);
  if (outcome.stopped !== null) return interrupted;
  if (!settings.json) {
    const found = await evaluate(learner, digits.test, io.signal);
    io.stdout.write(`\n${describeEvaluation(found, io.stdout, io.env)}`);
  }
  if (settings.show) await show(learner, digits.test, output(settings, io), io.env);
  return done;
}

/** Trains, tells how it comes along, and saves what was learned. */
async function runEpochs(
  learner: Learner,
  digits: DigitSets,
  settings: Settings,
  io: IO,
  start: number,
): Promise<Outcome> {
  const reporter = (settings.json ? jsonReporter : textReporter)(io, settings.epochs);
  let size = 0;
  const save = async (): Promise<void> => {
    if (settings.save === undefined) return;
    const bytes = await formatModel(learner, settings);
    await replaceFile(settings.save, bytes);
    size = bytes.length;
  };
  try {
    const outcome = await train(learner, digits, {
      ...settings,
      signal: io.signal,
      onProgress: reporter.progress,
      onEpoch: (result) => {
        reporter.epoch(result);
        return save();
      },
      wantsAccuracy: reporter.wantsAccuracy,
    });
    const { stopped } = outcome;
    const hasLearnedMore = stopped?.phase === "measuring" || (stopped?.done ?? 0) > 0;
    if (hasLearnedMore) await save();
    reporter.end(outcome, (performance.now() - start) / 1000);
    if (size > 0 && !settings.json) {
      const columns = io.stdout.columns || Number.POSITIVE_INFINITY;
      io.stdout.write(
        `${flow([`saved to ${settings.save}`, `(${count(size)} bytes)`], columns)}\n`,
      );
    }
    return outcome;
  } finally {
    reporter.close();
  }
}

async function runTest(flags: TestFlags, io: IO): Promise<number> {
  const learner = await load(flags, flags.load);
  const { test } = await loadDigits(flags);
  const found = await evaluate(learner, test, io.signal);
  const testError = 1 - found.right / found.count;
  const text = flags.json
    ? `${JSON.stringify({ testLoss: found.loss, testError })}\n`
    : describeEvaluation(found, io.stdout, io.env);
  io.stdout.write(text);
  return done;
}

async function runPrediction(flags: PredictFlags, io: IO): Promise<number> {
  const learner = await load(flags, flags.load);
  const found = await predict(learner, await readDigit(flags.image));
  const { digit, probabilities } = found;
  const text = flags.json
    ? `${JSON.stringify({ digit, probabilities })}\n`
    : describePrediction(found, io.stdout, io.env);
  io.stdout.write(text);
  return done;
}

/** A saved model as one that can be asked. */
async function load(flags: BackendFlags, path: string): Promise<Learner> {
  const saved = await readModel(path);
  const settings = settingsOf({ ...flags, bias: true, seed: 0, shuffle: false }, saved);
  await prepare(settings);
  const learner = models[settings.model].create(settings);
  await restore(learner, saved);
  return learner;
}

async function prepare({ backend, threads }: BackendFlags): Promise<void> {
  setDefaultBackend(await backends[backend]({ threads }));
}

function writeSummary(learner: Learner, settings: Settings, io: IO): void {
  if (learner.summary === undefined) {
    throw new UsageError(
      `option '--summary' does not go with ${settings.model}, which has no layers`,
    );
  }
  const stream = output(settings, io);
  const columns = stream.columns || Number.POSITIVE_INFINITY;
  const lines = learner.summary().split("\n");
  stream.write(`${lines.map((line) => clip(line, columns)).join("\n")}\n\n`);
}

/** Where to put what is for people. */
function output({ json }: { readonly json: boolean }, io: IO): Output {
  return json ? io.stderr : io.stdout;
}

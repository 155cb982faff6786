/** The program from its arguments to its exit code; what it touches comes in through `io`. */
import { manualSeed, setDefaultBackend } from "@needle/ndarray";
import { backends } from "./backends.ts";
import { loadDigits } from "./digits.ts";
import { type IO, type Output, paint } from "./io.ts";
import { models } from "./models/index.ts";
import { parseOptions, UsageError } from "./options.ts";
import { jsonReporter, textReporter } from "./report.ts";
import { show } from "./show.ts";
import { train } from "./train.ts";

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
    return await run(argv, io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.stderr.write(`${paint(io.stderr, "red", "error:")} ${error.message}\n`);
    return wrongUse;
  }
}

async function run(argv: readonly string[], io: IO): Promise<number> {
  const settings = parseOptions(argv, io);
  if (settings === null) return done;
  const start = performance.now();

  setDefaultBackend(await backends[settings.backend](settings));
  manualSeed(settings.seed);
  const digits = await loadDigits(settings);
  const learner = models[settings.model].create(settings);

  if (settings.summary) {
    if (learner.summary === undefined) {
      throw new UsageError(
        `option '--summary' does not go with ${settings.model}, which has no layers`,
      );
    }
    output(settings, io).write(`${learner.summary()}\n\n`);
  }

  const reporter = (settings.json ? jsonReporter : textReporter)(io, settings.epochs);
  try {
    const outcome = await train(learner, digits, {
      ...settings,
      signal: io.signal,
      onProgress: reporter.progress,
      onEpoch: reporter.epoch,
    });
    reporter.end(outcome, (performance.now() - start) / 1000);
    if (outcome.stopped !== null) return interrupted;
  } finally {
    reporter.close();
  }
  if (settings.show) {
    await show(learner, digits.test, output(settings, io), io.env);
  }
  return done;
}

/** Where to put what is for people. */
function output({ json }: { readonly json: boolean }, io: IO): Output {
  return json ? io.stderr : io.stdout;
}

/**
 * What the program prints while it trains and at the end: for people, or for programs (`--json`).
 */
import { type IO, isTerminal, paint } from "./io.ts";
import { ProgressLines } from "./progress.ts";
import { flow, percent, wrap } from "./text.ts";
import type { EpochResult, Outcome, Progress } from "./train.ts";

/** Told of everything that happens; prints what its reader wants to know. */
export interface Reporter {
  progress(progress: Progress): void;
  /** Whether to find out the accuracy on the next batch. */
  wantsAccuracy(): boolean;
  epoch(result: EpochResult): void;
  /** Called last, also when training was stopped. */
  end(outcome: Outcome, seconds: number): void;
  /** Leaves the terminal as it was, whatever happened. */
  close(): void;
}

/** One JSON object an epoch on stdout; that training was stopped is said on stderr. */
export function jsonReporter(io: IO, epochs: number): Reporter {
  return {
    progress() {},
    wantsAccuracy: () => false,
    epoch: (result) => void io.stdout.write(`${JSON.stringify(result)}\n`),
    end(outcome) {
      if (outcome.stopped !== null) io.stderr.write(`${describeStop(outcome.stopped, epochs)}\n`);
    },
    close() {},
  };
}

/** Milliseconds between two looks at the accuracy while training, each of which takes a few. */
const lookPause = 400;

/** A line an epoch and a summary, and on a terminal how it comes along. */
export function textReporter(io: IO, epochs: number): Reporter {
  const bar = isTerminal(io.stdout, io.env) ? new ProgressLines(io, epochs) : null;
  const print = (line: string): void => {
    bar?.clear();
    io.stdout.write(`${line}\n`);
  };
  // Lines for files and other programs are never broken.
  const columns = io.stdout.columns || Number.POSITIVE_INFINITY;
  let looked = Number.NEGATIVE_INFINITY;
  return {
    progress: (progress) => bar?.draw(progress),
    wantsAccuracy() {
      if (bar === null || performance.now() - looked < lookPause) return false;
      looked = performance.now();
      return true;
    },
    epoch: (result) => print(describeEpoch(result, epochs, columns)),
    end({ results, stopped }, seconds) {
      if (stopped !== null) print(wrap(describeStop(stopped, epochs), columns));
      const last = results.at(-1);
      if (last === undefined) return;
      const after = `after ${last.epoch} ${last.epoch === 1 ? "epoch" : "epochs"}`;
      const error = paint(io.stdout, "bold", `test error ${percent(last.testError)}`);
      print(flow([error, `${after},`, `${duration(seconds)} in all`], columns, { between: " " }));
    },
    close: () => bar?.clear(),
  };
}

function describeEpoch(result: EpochResult, epochs: number, columns: number): string {
  const part = (name: string, loss: number, error: number): string =>
    `${name} loss ${loss.toFixed(4)} error ${percent(error)}`;
  const parts = [
    `epoch ${String(result.epoch).padStart(String(epochs).length)}`,
    part("train", result.trainLoss, result.trainError),
    part("test", result.testLoss, result.testError),
    duration(result.seconds),
  ];
  return flow(parts, columns);
}

function describeStop(stopped: Progress, epochs: number): string {
  const where = `stopped in epoch ${stopped.epoch} of ${epochs}`;
  const loss = stopped.loss.toFixed(4);
  if (stopped.phase === "measuring") return `${where}, while measuring; training loss ${loss}`;
  if (stopped.done === 0) return `${where}, before its first batch`;
  return `${where}, after ${stopped.done} of ${stopped.total} images; loss so far ${loss}`;
}

function duration(seconds: number): string {
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
}

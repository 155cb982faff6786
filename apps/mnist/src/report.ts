/**
 * What the program prints while it trains and at the end: for people, or for programs (`--json`).
 */
import { type IO, isTerminal, paint } from "./io.ts";
import { ProgressLine } from "./progress.ts";
import type { EpochResult, Outcome, Progress } from "./train.ts";

/** Told of everything that happens; prints what its reader wants to know. */
export interface Reporter {
  progress(progress: Progress): void;
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
    epoch: (result) => void io.stdout.write(`${JSON.stringify(result)}\n`),
    end(outcome) {
      if (outcome.stopped !== null) io.stderr.write(`${describeStop(outcome.stopped, epochs)}\n`);
    },
    close() {},
  };
}

/** A line an epoch and a summary, and on a terminal a progress bar. */
export function textReporter(io: IO, epochs: number): Reporter {
  const bar = isTerminal(io.stdout, io.env) ? new ProgressLine(io, epochs) : null;
  const print = (line: string): void => {
    bar?.clear();
    io.stdout.write(`${line}\n`);
  };
  return {
    progress: (progress) => bar?.draw(progress),
    epoch: (result) => print(describeEpoch(result, epochs)),
    end({ results, stopped }, seconds) {
      if (stopped !== null) print(describeStop(stopped, epochs));
      const last = results.at(-1);
      if (last === undefined) return;
      const after = `after ${last.epoch} ${last.epoch === 1 ? "epoch" : "epochs"}`;
      const error = paint(io.stdout, "bold", `test error ${percent(last.testError)}`);
      print(`${error} ${after}, ${duration(seconds)} in all`);
    },
    close: () => bar?.clear(),
  };
}

function describeEpoch(result: EpochResult, epochs: number): string {
  const part = (name: string, loss: number, error: number): string =>
    `${name} loss ${loss.toFixed(4)} error ${percent(error)}`;
  return [
    `epoch ${String(result.epoch).padStart(String(epochs).length)}`,
    part("train", result.trainLoss, result.trainError),
    part("test", result.testLoss, result.testError),
    duration(result.seconds),
  ].join("  ");
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

/** A fraction as a percentage of three digits. */
function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.09995 ? 2 : 1)} %`;
}

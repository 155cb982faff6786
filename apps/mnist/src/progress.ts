/** The progress bar: one line, redrawn in place, gone when something else is printed. */
import cliProgress from "cli-progress";
import { type IO, showsUnicode } from "./io.ts";
import type { Progress } from "./train.ts";

/** What the bar shows besides its length. */
interface Payload {
  readonly progress: Progress;
}

/** Draws the progress of one pass after the other. */
export class ProgressLine {
  readonly #io: IO;
  readonly #epochs: number;
  readonly #bar: cliProgress.SingleBar;
  #pass = "";
  #start = 0;

  constructor(io: IO, epochs: number) {
    this.#io = io;
    this.#epochs = epochs;
    this.#bar = new cliProgress.SingleBar({
      stream: io.stdout,
      format: (_options, params, payload: Payload) =>
        this.#format(params.maxWidth, payload.progress),
      clearOnComplete: true,
      // The terminal's modes stay as they are, so there is nothing to restore should the program be
      // killed.
      hideCursor: false,
      linewrap: true,
      gracefulExit: false,
    });
  }

  draw(progress: Progress): void {
    const pass = `${progress.epoch} ${progress.phase}`;
    if (pass !== this.#pass) {
      this.clear();
      this.#pass = pass;
      this.#start = performance.now();
      this.#bar.start(progress.total, 0, { progress });
    } else {
      this.#bar.update(progress.done, { progress });
    }
  }

  clear(): void {
    this.#bar.stop();
    this.#pass = "";
  }

  /**
   * The line: where we are, the bar, then numbers; the bar takes the width the rest leaves, the
   * numbers go first if there is none.
   */
  #format(width: number, progress: Progress): string {
    const { epoch, phase, done, total } = progress;
    const seconds = (performance.now() - this.#start) / 1000;
    const head = `epoch ${epoch}/${this.#epochs} ${phase} `;
    const tail = done === 0 ? "" : numbers(progress, seconds);
    const room = Math.min(40, width - 1 - head.length - Math.max(tail.length, 44));
    if (room < 8) return `${head}${Math.floor((100 * done) / total)} %`.slice(0, width - 1);
    const [full, rest] = showsUnicode(this.#io.stdout, this.#io.env) ? ["█", "░"] : ["#", "-"];
    const filled = Math.round((room * done) / total);
    return `${head}${full.repeat(filled)}${rest.repeat(room - filled)}${tail}`;
  }
}

function numbers({ phase, done, total, loss }: Progress, seconds: number): string {
  const speed = `${Math.round(done / seconds)} images/s`;
  const left = `${Math.ceil((seconds / done) * (total - done))} s left`;
  return phase === "training"
    ? `  loss ${loss.toFixed(4)}  ${speed}  ${left}`
    : `  ${speed}  ${left}`;
}

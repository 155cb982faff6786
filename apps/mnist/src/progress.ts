/** How training comes along, live: a bar, the loss as a sparkline, accuracy, and speed. */
import { columnsOf, type IO, showsUnicode } from "./io.ts";
import { LiveLines } from "./live.ts";
import { History, sparkline } from "./sparkline.ts";
import { clip, count, percent } from "./text.ts";
import type { Progress } from "./train.ts";

/** Milliseconds between two drawings at least. */
const pause = 80;

/** Terminals narrower than this get the numbers on two lines. */
const roomy = 76;

/** Draws the progress of one pass after the other. */
export class ProgressLines {
  readonly #io: IO;
  readonly #epochs: number;
  readonly #lines: LiveLines;
  readonly #losses = new History();
  #pass = "";
  #start = 0;
  #drawn = Number.NEGATIVE_INFINITY;

  constructor(io: IO, epochs: number) {
    this.#io = io;
    this.#epochs = epochs;
    this.#lines = new LiveLines(io.stdout);
  }

  draw(progress: Progress): void {
    const now = performance.now();
    const pass = `${progress.epoch} ${progress.phase}`;
    if (progress.batchLoss !== null) this.#losses.add(progress.batchLoss);
    if (pass !== this.#pass) {
      this.#pass = pass;
      this.#start = now;
    } else if (now - this.#drawn < pause && progress.done < progress.total) {
      return;
    }
    this.#drawn = now;
    this.#lines.draw(this.#format(progress, (now - this.#start) / 1000));
  }

  clear(): void {
    this.#lines.clear();
  }

  #format(progress: Progress, seconds: number): string[] {
    // A line that fills the last column would break in some terminals.
    const width = columnsOf(this.#io.stdout) - 1;
    const unicode = showsUnicode(this.#io.stdout, this.#io.env);
    const bar = this.#bar(progress, width, unicode);
    const numbers = numbersOf(progress, seconds);
    const spark = (room: number): string =>
      sparkline(this.#losses.values, Math.min(60, room), unicode);
    if (this.#losses.values.length === 0) return [bar, fit(numbers, width)];
    const loss = `loss ${progress.loss.toFixed(4)} `;
    if (width + 1 < roomy) {
      return [bar, loss + spark(width - loss.length), fit(numbers, width)];
    }
    const rest = numbers.map((number) => `  ${number}`).join("");
    const room = width - loss.length - Math.max(rest.length, 46);
    return [bar, clip(loss + spark(room) + rest, width)];
  }

  /** Where we are, and a bar that takes the width the rest leaves. */
  #bar({ epoch, phase, done, total }: Progress, width: number, unicode: boolean): string {
    const head = `epoch ${epoch}/${this.#epochs} ${phase} `;
    const tail = ` ${String(Math.floor((100 * done) / total)).padStart(3)} %`;
    const room = Math.min(80, width - head.length - tail.length);
    if (room < 8) return clip(head.trimEnd() + tail, width);
    const [full, rest] = unicode ? ["█", "░"] : ["#", "-"];
    const filled = Math.floor((room * done) / total);
    return head + full.repeat(filled) + rest.repeat(room - filled) + tail;
  }
}

/** The most important first. */
function numbersOf({ done, total, accuracy }: Progress, seconds: number): string[] {
  const numbers: string[] = accuracy === null ? [] : [`accuracy ${percent(accuracy)}`];
  if (done > 0) {
    numbers.push(`${count(Math.round(done / seconds))} images/s`);
    numbers.push(`${Math.ceil((seconds / done) * (total - done))} s left`);
  }
  return numbers;
}

/** As many of the parts as fit on a line. */
function fit(parts: readonly string[], width: number): string {
  let line = parts[0] ?? "";
  for (const part of parts.slice(1)) {
    if (line.length + 2 + part.length > width) break;
    line += `  ${part}`;
  }
  return line;
}

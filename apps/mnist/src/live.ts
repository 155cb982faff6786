/** Lines at the end of a terminal that are drawn again in place, and gone when something is printed. */
import type { Output } from "./io.ts";
import { widthOf } from "./text.ts";

/**
 * The lines. The cursor and the terminal's modes stay as they are, so there is nothing to restore
 * should the program be killed.
 */
export class LiveLines {
  readonly #stream: Output;
  #widths: readonly number[] = [];

  constructor(stream: Output) {
    this.#stream = stream;
  }

  /** @param lines - each narrower than the terminal. */
  draw(lines: readonly string[]): void {
    this.#stream.write(this.#back() + lines.join("\n"));
    this.#widths = lines.map(widthOf);
  }

  clear(): void {
    if (this.#widths.length > 0) this.#stream.write(this.#back());
    this.#widths = [];
  }

  /** To the start of what was drawn, and all of it erased. */
  #back(): string {
    // A terminal made narrower since has broken lines.
    const columns = this.#stream.columns ?? Number.POSITIVE_INFINITY;
    const rows = this.#widths.map((width) => Math.max(1, Math.ceil(width / columns)));
    const up = rows.reduce((sum, n) => sum + n, 0) - 1;
    return `\r${up > 0 ? `\x1b[${up}A` : ""}\x1b[J`;
  }
}

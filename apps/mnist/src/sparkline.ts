/** A row of blocks as high as the values it stands for, and the values of a long training. */

const blocks = "▁▂▃▄▅▆▇█";
const ascii = "_.-=*#";

/**
 * Values as a row of at most `width` characters, the lowest value the lowest block. Where there are
 * more values, each character is the mean of its share.
 */
export function sparkline(values: readonly number[], width: number, unicode: boolean): string {
  const columns = Math.min(values.length, Math.max(0, width));
  const means = Array.from({ length: columns }, (_, i) => {
    const share = values.slice(
      Math.floor((i * values.length) / columns),
      Math.floor(((i + 1) * values.length) / columns),
    );
    return share.reduce((sum, value) => sum + value, 0) / share.length;
  });
  const finite = means.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const steps = unicode ? blocks : ascii;
  const block = (mean: number): string => {
    if (!Number.isFinite(mean)) return "?";
    const height = high === low ? 0 : (mean - low) / (high - low);
    return steps[Math.min(steps.length - 1, Math.floor(height * steps.length))]!;
  };
  return means.map(block).join("");
}

/** Values kept; of more, each two neighbours become their mean. */
const mostValues = 1024;

/** The values of a training of any length, evenly thinned. */
export class History {
  #values: number[] = [];
  /** How many values each kept one is the mean of, and those that wait to become one. */
  #share = 1;
  #sum = 0;
  #count = 0;

  get values(): readonly number[] {
    return this.#values;
  }

  add(value: number): void {
    this.#sum += value;
    if (++this.#count < this.#share) return;
    this.#values.push(this.#sum / this.#count);
    this.#sum = this.#count = 0;
    if (this.#values.length < mostValues) return;
    const values = this.#values;
    this.#values = values.filter((_, i) => i % 2 === 0).map((v, i) => (v + values[2 * i + 1]!) / 2);
    this.#share *= 2;
  }
}

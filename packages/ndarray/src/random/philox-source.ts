/**
 * A Philox stream for each element of an array: element i has a block of its own in the main stream,
 * and the counter's high words, which are 0 there, count how far it has drawn. So what an element
 * draws depends on the seed, the offset and i alone, however often it rejects.
 */
import { type PhiloxKey, philoxBlock } from "./philox.ts";
import { gaussianPair, type Source } from "./samplers.ts";

/** The streams of the elements, one after the other. */
export class PhiloxSource implements Source {
  readonly #key: PhiloxKey;
  #block = 0;
  #round = 0;
  #words: readonly number[] = [];
  #used = 4;
  #spare: number | undefined;

  constructor(key: PhiloxKey) {
    this.#key = key;
  }

  /** Goes to the beginning of the stream of an element. */
  startAt(block: number): this {
    this.#block = block;
    this.#round = 0;
    this.#used = 4;
    this.#spare = undefined;
    return this;
  }

  readonly uniform = (): number => {
    if (this.#used === 4) {
      const [low, high] = [this.#block >>> 0, Math.floor(this.#block / 2 ** 32)];
      this.#words = philoxBlock([low, high, this.#round++, 0], this.#key);
      this.#used = 0;
    }
    const [high, low] = [this.#words[this.#used]! >>> 5, this.#words[this.#used + 1]! >>> 6];
    this.#used += 2;
    return (high * 2 ** 26 + low) * 2 ** -53;
  };

  normal(): number {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined) return spare;
    const [second, first] = gaussianPair(this.uniform);
    this.#spare = second;
    return first;
  }
}

/** What a drawing is taken for: a bar for each digit, and a sentence. */

/** The bars and the sentence. */
export class Verdict {
  readonly #sentence: HTMLElement;
  readonly #empty: string;
  readonly #rows: { row: HTMLLIElement; bar: HTMLElement; text: HTMLElement }[] = [];

  constructor(list: HTMLOListElement, sentence: HTMLElement) {
    this.#sentence = sentence;
    this.#empty = sentence.textContent;
    for (let digit = 0; digit < 10; digit++) {
      const row = document.createElement("li");
      const [name, track, bar, text] = ["span", "span", "span", "span"].map((tag) =>
        document.createElement(tag),
      ) as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
      name.textContent = String(digit);
      track.className = "track";
      bar.className = "bar";
      text.className = "share";
      track.append(bar);
      row.append(name, track, text);
      list.append(row);
      this.#rows.push({ row, bar, text });
    }
    this.show(null);
  }

  /** @param probabilities - of each digit; null where nothing is drawn. */
  show(probabilities: Float32Array | null): void {
    const best = probabilities?.indexOf(Math.max(...probabilities)) ?? -1;
    for (const [digit, { row, bar, text }] of this.#rows.entries()) {
      const percent = 100 * (probabilities?.[digit] ?? 0);
      bar.style.width = `${percent}%`;
      text.textContent = probabilities === null ? "" : `${percent.toFixed(0)} %`;
      row.classList.toggle("best", digit === best);
    }
    const sentence = best < 0 ? this.#empty : `This looks like a ${best}.`;
    // Said again only when it changes.
    if (this.#sentence.textContent !== sentence) this.#sentence.textContent = sentence;
  }
}

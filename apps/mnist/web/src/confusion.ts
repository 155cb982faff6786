/** The table of what each digit is taken for. */

/** A table with a row for each digit and a column for each answer. */
export class ConfusionTable {
  readonly #cells: HTMLTableCellElement[] = [];

  constructor(table: HTMLTableElement) {
    const head = table.createTHead().insertRow();
    head.append(heading("", "col"));
    for (let digit = 0; digit < 10; digit++) head.append(heading(String(digit), "col"));
    const body = table.createTBody();
    for (let digit = 0; digit < 10; digit++) {
      const row = body.insertRow();
      row.append(heading(String(digit), "row"));
      for (let answer = 0; answer < 10; answer++) this.#cells.push(row.insertCell());
    }
  }

  /** @param counts - how often digit i was taken for digit j, at `10 * i + j`. */
  show(counts: Uint32Array): void {
    for (const [i, cell] of this.#cells.entries()) {
      const [digit, answer] = [Math.floor(i / 10), i % 10];
      const row = counts.subarray(10 * digit, 10 * digit + 10);
      const share =
        counts[i]! /
        Math.max(
          1,
          row.reduce((sum, n) => sum + n),
        );
      cell.textContent = counts[i] === 0 ? "" : String(counts[i]);
      const color = answer === digit ? "--right" : "--wrong";
      // The square root makes few mistakes visible.
      const strength = Math.round(75 * Math.sqrt(share));
      cell.style.background = `color-mix(in srgb, var(${color}) ${strength}%, transparent)`;
    }
  }
}

function heading(text: string, scope: "row" | "col"): HTMLTableCellElement {
  const cell = document.createElement("th");
  cell.textContent = text;
  cell.scope = scope;
  return cell;
}

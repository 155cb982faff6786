/** The confusion matrix as text: rows are digits, columns what they are taken for. */
import type { Canvas } from "./picture.ts";
import { percent } from "./text.ts";

const classes = 10;
const digits = [...Array(classes).keys()];

/** Columns that the matrix takes with counts, and with percentages. */
const wide = { cell: 5, total: 60 };
const narrow = { cell: 3 };

/**
 * The lines of the matrix: counts, or where they do not fit, the percentages of each row. What is
 * right stands out in the diagonal, and what is never taken for another is left empty.
 *
 * @param counts - how often digit i was taken for digit j, at `10 * i + j`.
 */
export function drawConfusion(counts: ArrayLike<number>, canvas: Canvas): string[] {
  const inCounts = canvas.columns >= wide.total;
  const { cell } = inCounts ? wide : narrow;
  const head = `    ${digits.map((digit) => String(digit).padStart(cell)).join("")}`;
  const rows = digits.map((digit) => {
    const row = digits.map((answer) => counts[classes * digit + answer]!);
    const sum = row.reduce((total, n) => total + n);
    const cells = row.map((n, answer) => {
      const text = inCounts ? countOf(n) : shareOf(n, sum);
      return n === 0 ? text.padStart(cell) : canvas.mark(answer === digit, text.padStart(cell));
    });
    const share = sum === 0 ? "" : percent(row[digit]! / sum);
    const bar = canvas.unicode ? "│" : "|";
    return `  ${digit} ${bar}${cells.join("")}${inCounts ? share.padStart(9) : ""}`.trimEnd();
  });
  return [head, ...rows];
}

function countOf(n: number): string {
  return n === 0 ? "." : String(n);
}

/** A share that is not nothing but nearly so is told from nothing. */
function shareOf(n: number, sum: number): string {
  if (n === 0) return ".";
  const share = Math.round((100 * n) / sum);
  return share === 0 ? "+" : String(share);
}

/** Text that fits a terminal: parts that go to the next line together, and lines that end in time. */
import { stripVTControlCharacters } from "node:util";

/** How many columns a line takes; colours take none. */
export function widthOf(line: string): number {
  return stripVTControlCharacters(line).length;
}

/**
 * Parts on one line, or on several where they do not fit, each but the first indented.
 *
 * @param between - what stands between two parts of a line.
 */
export function flow(
  parts: readonly string[],
  columns: number,
  { between = "  ", indent = "  " }: { readonly between?: string; readonly indent?: string } = {},
): string {
  const lines: string[] = [];
  for (const part of parts) {
    const line = lines.at(-1);
    if (line === undefined) lines.push(part);
    else if (widthOf(line + between + part) <= columns) lines.splice(-1, 1, line + between + part);
    else lines.push(indent + part);
  }
  return lines.join("\n");
}

/** The words of a sentence on as many lines as it takes. */
export function wrap(sentence: string, columns: number, indent = ""): string {
  return flow(sentence.split(" "), columns, { between: " ", indent });
}

/** A line without colours, cut where the terminal ends. */
export function clip(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}>`;
}

/** Lines beside each other, the left ones made as wide as the widest of them. */
export function beside(left: readonly string[], right: readonly string[], gap = 2): string[] {
  const width = Math.max(0, ...left.map(widthOf)) + gap;
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
    const [a, b] = [left[i] ?? "", right[i] ?? ""];
    return b === "" ? a : a + " ".repeat(width - widthOf(a)) + b;
  });
}

/** A fraction as a percentage of three digits. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.09995 ? 2 : 1)} %`;
}

/** A whole number with commas between thousands. */
export function count(value: number): string {
  return value.toLocaleString("en");
}

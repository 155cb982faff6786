/** What is printed of a model once it has been tested: its accuracy, what it confuses, mistakes. */
import { drawConfusion } from "./confusion.ts";
import type { Evaluation } from "./evaluate.ts";
import { columnsOf, type Env, type Output, paint } from "./io.ts";
import { type Canvas, canvasOf, drawDigits } from "./picture.ts";
import { count, flow, percent, wrap } from "./text.ts";

/** The columns of a digit at half its size, and those between two. */
const tile = 16;

/** Everything about a test, for people. */
export function describeEvaluation(found: Evaluation, stream: Output, env: Env): string {
  const canvas = canvasOf(stream, env);
  const { count: digits, right } = found;
  const accuracy = paint(stream, "bold", `test accuracy ${percent(right / digits)}`);
  const title = flow([accuracy, `(${count(right)} of ${count(digits)} right)`], columnsOf(stream), {
    between: " ",
  });
  return [title, describeConfusion(found, canvas), describeMistakes(found, canvas)]
    .map((part) => `${part}\n`)
    .join("\n");
}

function describeConfusion({ confusion }: Evaluation, canvas: Canvas): string {
  const counts = canvas.columns >= 60;
  const title = counts
    ? "What each digit is taken for (rows: the digit; at the end: how many are right):"
    : "What each digit is taken for, in percent (rows: the digit; +: less than half a percent):";
  return `${wrap(title, canvas.columns)}\n\n${drawConfusion(confusion, canvas).join("\n")}`;
}

function describeMistakes({ mistakes }: Evaluation, canvas: Canvas): string {
  if (mistakes.length === 0) return "There are no mistakes.";
  const perRow = Math.max(1, Math.floor((canvas.columns + 2) / tile));
  const shown = mistakes.slice(0, Math.min(10, 2 * perRow));
  const title = "The mistakes the model is surest of (with the probability it gives its answer):";
  return `${wrap(title, canvas.columns)}\n\n${drawDigits(shown, canvas)}`;
}

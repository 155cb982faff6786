import { format } from "node:util";
import * as ndarray from "@needle/ndarray";
import { expect, test } from "vitest";
import type { Shown } from "./messages.ts";
import { describeError, runSnippet } from "./snippet.ts";

const modules = { "@needle/ndarray": ndarray };

/** What a program shows, and the checks it passes on the way. */
async function run(...lines: string[]): Promise<{ shown: Shown[]; checks: unknown[] }> {
  const shown: Shown[] = [];
  const checks: unknown[] = [];
  await runSnippet(lines.join("\n"), modules, {
    show: (one) => shown.push(one),
    check: (value, text) => checks.push([value, text]),
  });
  return { shown, checks };
}

/** How the page shows what a program throws. */
const failure = (...lines: string[]): Promise<string> =>
  run(...lines).then(() => "nothing was thrown", describeError);

test("types are taken out, and a program may wait at its top", async () => {
  const { checks } = await run(
    'import { array, type NDArray } from "@needle/ndarray";',
    "const x: NDArray = await Promise.resolve(array([1, 2]));",
    "x.sum().item(); // => 3",
  );
  expect(checks).toEqual([[3, "3"]]);
});

test("values are printed as Node prints them", async () => {
  const array = ndarray.array([[1, 2.5]]);
  const values = [
    array,
    { array, deep: [new Map([["a", [1, "b"]]])] },
    [new Float32Array(3), null],
  ];
  const shown: Shown[] = [];
  await runSnippet(
    'import { values } from "values"; console.log("%s:", "so", ...values); console.error(values);',
    { values: { values } },
    { show: (one) => shown.push(one), check: () => {} },
  );
  expect(shown).toEqual([
    { type: "print", kind: "log", text: format("%s:", "so", ...values) },
    { type: "print", kind: "error", text: format(values) },
  ]);
});

test("an error tells its name, its message, and the line", async () => {
  const text = await failure(
    'import { zeros } from "@needle/ndarray";',
    "",
    "zeros([2, 3]).matmul(zeros([2, 3]));",
  );
  expect(text).toBe(
    "ShapeError: matmul: inner sizes differ, [2,3] x [2,3] (3 vs 2)\n    at line 3",
  );
});

test("a line after a check of several lines keeps its number", async () => {
  const lines = ["[1, 2]; // => [1,", "  // 2]", 'throw new Error("here");'];
  expect(await failure(...lines)).toBe("Error: here\n    at line 3");
});

test("what is not TypeScript is an error", async () => {
  expect(await failure("let x = ;")).toMatch(/^SyntaxError: .*1:9/);
});

test("what is thrown need not be an error", async () => {
  expect(await failure('throw "so";')).toBe("Thrown: 'so'");
});

test("only what is there can be imported", async () => {
  expect(await failure('import fs from "node:fs"; fs.rmSync("/");')).toContain(
    'cannot import "node:fs" here, only @needle/ndarray',
  );
});

test("curves take numbers", async () => {
  const { shown } = await run("plot({ loss: 0.5 });");
  expect(shown).toEqual([{ type: "plot", values: { loss: 0.5 } }]);
  expect(await failure('plot({ loss: "low" });')).toContain(
    "TypeError: plot: loss must be a number, got low",
  );
});

test("pictures are flat or have two axes each", async () => {
  const { shown } = await run(
    'import { array, ones } from "@needle/ndarray";',
    "pictures(ones([2, 9]), array([1, 2]));",
    "pictures(ones([2, 3, 4]));",
  );
  const [flat, whole] = shown.map((one) => (one.type === "pictures" ? one.pictures : undefined));
  expect(flat).toMatchObject({ height: 3, width: 3, guesses: [1, 2], labels: [] });
  expect(whole).toMatchObject({ height: 3, width: 4, guesses: [], labels: [] });
  expect(whole!.pixels).toHaveLength(24);
  const lines = ['import { ones } from "@needle/ndarray";', "pictures(ones([2, 8]));"];
  expect(await failure(...lines)).toContain(
    "ShapeError: pictures: needs [n, height, width] or [n, side * side], got [2,8]",
  );
});

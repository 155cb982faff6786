/** The sweep finds what it looks for. */
import { expect, test } from "vitest";
import { check, checkOptions, flag, number } from "../args.ts";
import { callable, sweep } from "./sweep.ts";

let allocated = 0;
const swept = (run: (...args: never[]) => unknown, ...args: unknown[]): Promise<string[]> =>
  sweep("f", callable(run), { calls: [args] }, () => allocated);
const checked = (x: number): void => check("f", "x", x, number);

test("nothing to complain about", async () => {
  expect(await swept(checked, 1)).toEqual([]);
});

test.each<[what: string, run: (x: number) => unknown, complaint: string]>([
  ["takes anything", () => 0, 'all of argument 0: "wrong": took it'],
  [
    "lets others fail",
    (x) => x.toFixed(1),
    'all of argument 0: "wrong": threw TypeError: x.toFixed is not a function',
  ],
  [
    "speaks in another name",
    (x) => check("g", "x", x, number),
    'all of argument 0: "wrong": says g: x must be a number, got "wrong"',
  ],
  [
    "does not show what it got",
    (x) => check("f", "x", typeof x === "number" ? x : null, number),
    "all of argument 0: 10n: does not show it, f: x must be a number, got null",
  ],
  [
    "allocates first",
    (x) => {
      allocated += 1;
      checked(x);
    },
    'all of argument 0: "wrong": has allocated before it failed',
  ],
])("what %s is found", async (_, run, complaint) => {
  expect(await swept(run, 1)).toContain(complaint);
});

test("options that are not looked at, or not tried, are found", async () => {
  const loose = ({ keepdims = false }: { keepdims?: boolean }): void =>
    check("f", "keepdims", keepdims, flag);
  expect(await swept(loose, { keepdims: true })).toContain(
    "keepdims of argument 0 misspelt: took it",
  );
  const kinds = { keepdims: flag, ddof: number };
  const strict = (options: object): object => checkOptions("f", options, kinds);
  expect(await swept(strict, { keepdims: true })).toEqual(["no right call states the option ddof"]);
  expect(await swept(strict, { keepdims: true, ddof: 1 })).toEqual([]);
});

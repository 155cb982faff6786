/** What a person sees in a terminal: while it trains, at the end, after Ctrl-C, at any width. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mnist, parseSafetensors } from "@needle/data";
import { afterAll, describe, expect, test } from "vitest";
import { pngOf } from "../src/png.fixture.ts";
import { noTerminal, TestTerminal } from "./terminal.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "needle-terminal-"));
const model = join(folder, "model.safetensors");
afterAll(() => rmSync(folder, { recursive: true }));

const flags = ["--limit", "20000", "--epochs", "2", "--save", "model.safetensors"];
const bar = /^epoch [12]\/2 training [█░]{8,80} +\d+ %$/;
const spark = /^loss \d\.\d{4} [▁-█]{2,60}/;

/** What all screens have in common. */
function expectWhole(terminal: TestTerminal, columns: number): void {
  expect(terminal.broken).toEqual([]);
  for (const line of terminal.lines) expect(line.length).toBeLessThanOrEqual(columns);
  // Modes of the terminal, such as a hidden cursor, would have to be set back.
  expect(terminal.written).not.toContain("\x1b[?");
  // No colour is left on.
  const colours = terminal.written
    .split("\x1b[")
    .flatMap((part) => /^[\d;]*(?=m)/.exec(part) ?? []);
  expect(["", "0", "22", "39"]).toContain(colours.at(-1) ?? "");
}

const inTerminal = (): void => {
  describe.each([40, 80, 120])("%d columns", (columns) => {
    test("a bar, the loss and the accuracy live; then the results", async () => {
      const seen = { bar: "", spark: "", accuracy: "" };
      const broken: string[] = [];
      const terminal = new TestTerminal(flags, {
        columns,
        cwd: folder,
        onScreen: ({ lines, broken: found }) => {
          const last = lines.slice(-3);
          const spoken = last.find((line) => spark.test(line));
          if (spoken !== undefined) {
            seen.spark = spoken;
            seen.bar = last.find((line) => bar.test(line)) ?? seen.bar;
            seen.accuracy =
              last.find((line) => /accuracy [\d.]+ % {2}[\d,]+ images\/s/.test(line)) ??
              seen.accuracy;
          }
          broken.push(...found);
        },
      });
      expect(await terminal.ended).toBe(0);
      expect(broken).toEqual([]);
      expectWhole(terminal, columns);
      expect(seen.bar).toMatch(bar);
      // The bar takes the width there is, but for the last column.
      expect(seen.bar.length).toBe(Math.min(columns - 1, 105));
      expect(seen.spark.length).toBeLessThan(columns);
      expect(seen.accuracy).toMatch(columns < 76 ? /^accuracy/ : spark);

      const text = terminal.lines.join("\n");
      expect(text).not.toMatch(/[░]/);
      expect(text.match(/^epoch [12] {2}train loss/gm)).toHaveLength(2);
      expect(text).toMatch(/test accuracy 9\d\.\d %\s+\([\d,]+ of 10,000 right\)/);
      const rows = terminal.lines.filter((line) => /^ {2}\d │/.test(line));
      expect(rows).toHaveLength(10);
      const mistakes = terminal.lines.filter((line) => /\d ✗ is \d/.test(line));
      const perRow = mistakes.map((line) => line.match(/✗/g)!.length);
      expect(perRow).toEqual(columns === 40 ? [2, 2] : [5, 5]);
      expect(text).toMatch(/[▀▄█]/);
    });

    test("an image is read", async () => {
      const { test: digits } = await mnist({ limit: 1 });
      const path = join(folder, "seven.png");
      writeFileSync(path, pngOf(await digits.images.data(), { scale: 2 }));
      const terminal = new TestTerminal(["predict", path, "--load", model], { columns });
      expect(await terminal.ended).toBe(0);
      expectWhole(terminal, columns);
      const bars = terminal.lines.filter((line) => /(^|\s)\d [ █▌]+ +[\d.]+ %$/.test(line));
      expect(bars).toHaveLength(10);
      // Beside the picture where there is room, else below it.
      expect(terminal.lines.length).toBe(columns === 40 ? 14 + 1 + 10 + 2 : 14 + 2);
      expect(terminal.lines.at(-1)).toMatch(/^This looks like a 7 \([\d.]+ %\)\.$/);
    });

    test("the help fits", async () => {
      const terminal = new TestTerminal(["--help"], { columns });
      expect(await terminal.ended).toBe(0);
      expectWhole(terminal, columns);
    });
  });

  test("Ctrl-C ends it with a whole screen and a saved model", async () => {
    const path = join(folder, "stopped.safetensors");
    let isStopped = false;
    const terminal = new TestTerminal(["--epochs", "90", "--save", path], {
      columns: 80,
      onScreen: (shown) => {
        if (isStopped || !shown.lines.some((line) => spark.test(line))) return;
        isStopped = true;
        shown.type("\x03");
      },
    });
    expect(await terminal.ended).toBe(130);
    expectWhole(terminal, 80);
    const lines = terminal.lines.filter((line) => line !== "^C");
    expect(lines.join("\n")).toMatch(
      /^stopped in epoch 1 of 90,[^█░]*loss so far \d\.\d{4}\nsaved to [^█░]* bytes\)$/,
    );
    expect(parseSafetensors(readFileSync(path)).metadata.model).toBe("mlp");
  });

  test("a terminal made narrower while it trains keeps no rest of the bar", async () => {
    let isNarrow = false;
    const terminal = new TestTerminal(flags, {
      columns: 120,
      cwd: folder,
      onScreen: (shown) => {
        if (isNarrow || !shown.lines.some((line) => spark.test(line))) return;
        isNarrow = true;
        shown.resize(60);
      },
    });
    expect(await terminal.ended).toBe(0);
    expect(isNarrow).toBe(true);
    expect(terminal.lines.join("\n")).not.toMatch(/training|░/);
  });

  test.each([
    ["NO_COLOR", "1"],
    ["TERM", "dumb"],
  ])("%s=%s is respected", async (name, value) => {
    const terminal = new TestTerminal(["test", "--load", model, "--limit", "500"], {
      columns: 80,
      env: { [name]: value },
    });
    expect(await terminal.ended).toBe(0);
    expect(terminal.written).not.toContain("\x1b");
    expect(terminal.lines.join("\n")).toContain("test accuracy");
  });
};

const missing = existsSync(new URL("../dist/cli.js", import.meta.url))
  ? noTerminal
  : "run `npm run build` first";
if (missing === null) describe("in a terminal of", inTerminal);
else test.skip(`in a terminal (${missing})`, () => {});

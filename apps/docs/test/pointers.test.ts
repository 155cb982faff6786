/** The chapters point to files of the repository: those that are there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const docs = new URL("../", import.meta.url);
const repository = new URL("../../", docs);

/** What stands in backticks and looks like a file below `packages` or `apps`. */
function pointersOf(text: string): string[] {
  return [...text.matchAll(/`((?:packages|apps)\/[\w./-]+\.\w+)`/g)].map(([, path]) => path!);
}

/** What is shown whole: `<<< path`, from the page's folder. */
function shownBy(text: string): string[] {
  return [...text.matchAll(/^<<< (\S+)$/gm)].map(([, path]) => path!);
}

describe.each(["learn/", "zh/learn/"])("%s", (folder) => {
  const base = new URL(folder, docs);
  const names = readdirSync(fileURLToPath(base));

  test.each(names)("%s points to files that exist", (name) => {
    const text = readFileSync(new URL(name, base), "utf8");
    const files = [
      ...pointersOf(text).map((path) => new URL(path, repository)),
      ...shownBy(text).map((path) => new URL(path, base)),
    ];
    expect(files.length).toBeGreaterThan(3);
    expect(files.filter((file) => !existsSync(file)).map(String)).toEqual([]);
  });
});

/**
 * Runs the examples of documentation as tests: the `@example` of every TSDoc comment below a
 * folder, and the `ts` blocks of Markdown files. A line `expression; // => text` is checked: text
 * is what `String(expression)` gives (JSON for plain arrays and objects), spaces and line breaks
 * apart; a longer text goes on in the comment lines below.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checked, show, squeeze } from "./checked.ts";

interface Example {
  readonly name: string;
  readonly code: string;
}

/**
 * Makes a test of each `@example` below `folder`. `cache` is where the programs are written, in the
 * same package.
 */
export function testExamples(folder: URL, cache: URL): void {
  const root = fileURLToPath(folder);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/\.(test|fixture)\.ts$/.test(file))
    .sort();
  runAll(
    files.flatMap((file) => tsdocExamples(readFileSync(join(root, file), "utf8"), file)),
    cache,
  );
}

/**
 * Makes a test of each `ts` block of a Markdown file.
 *
 * @param edit - changes a program before it runs, e.g. to use less data.
 */
export function testMarkdown(file: URL, cache: URL, edit = (code: string): string => code): void {
  const path = fileURLToPath(file);
  const blocks = [...readFileSync(path, "utf8").matchAll(/^```ts\n(.*?)^```$/gms)];
  const examples = blocks.map((block, i) => ({
    name: `${basename(path)} ${i + 1}`,
    code: edit(block[1]!),
  }));
  runAll(examples, cache);
}

function tsdocExamples(source: string, file: string): Example[] {
  return [...source.matchAll(/^ *\/\*\*.*?\*\/\n+([^\n]*)$/gms)].flatMap(
    ([comment, declaration]) => {
      const text = comment!.slice(0, comment!.indexOf("*/")).replace(/^ *\* ?/gm, "");
      const name =
        /(?:function|class|const|interface|type|get)\s+(\w+)/.exec(declaration!)?.[1] ??
        declaration!.trim();
      return text
        .split(/^@example/m)
        .slice(1)
        .map((part) => ({ name: `${file} ${name}`, code: part.replace(/^@\w+.*/ms, "") }));
    },
  );
}

function runAll(examples: readonly Example[], cache: URL): void {
  const folder = fileURLToPath(cache);
  mkdirSync(folder, { recursive: true });
  examples.forEach(({ name, code }, i) => {
    test(name, async () => {
      const path = join(folder, `${name.replace(/\W+/g, "-")}-${i}.ts`);
      writeFileSync(path, `export const checks: [unknown, string][] = [];\n${checked(code)}\n`);
      const { checks } = (await import(/* @vite-ignore */ path)) as { checks: [unknown, string][] };
      for (const [value, text] of checks) expect(squeeze(show(value))).toBe(squeeze(text));
    });
  });
  test(`${relative(process.cwd(), folder)} has examples`, () =>
    expect(examples.length).toBeGreaterThan(0));
}

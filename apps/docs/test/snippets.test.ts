/**
 * Every example of every page, run as pages run it, and the programs for Node (```` ```ts node ````); their checks hold,
 * in both languages alike.
 */
import { readdirSync, readFileSync } from "node:fs";
import * as files from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as autograd from "@needle/autograd";
import * as wasm from "@needle/backend-wasm";
import * as data from "@needle/data";
import * as ndarray from "@needle/ndarray";
import * as nn from "@needle/nn";
import * as optim from "@needle/optim";
import { beforeEach, describe, expect, test } from "vitest";
import { show, squeeze } from "../../../scripts/checked.ts";
import { runSnippet } from "../.vitepress/theme/live/snippet.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = {
  "@needle/autograd": autograd,
  "@needle/backend-wasm": wasm,
  "@needle/data": data,
  "@needle/ndarray": ndarray,
  "@needle/nn": nn,
  "@needle/optim": optim,
  "node:fs/promises": files,
};

/** The pages written by hand, as paths below the root. */
const pages = ["", "guide/", "learn/"].flatMap((folder) =>
  readdirSync(root + folder)
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .map((name) => folder + name),
);

function snippetsOf(page: string): string[] {
  const text = readFileSync(root + page, "utf8");
  return [...text.matchAll(/^```ts (?:live|node)\b[^\n]*\n(.*?)^```$/gms)].map(([, code]) => code!);
}

beforeEach(() => ndarray.setDefaultBackend(wasm.createWasmBackendSync({ threads: 1 })));

describe.each(pages)("%s", (page) => {
  const snippets = snippetsOf(page);

  for (const [i, code] of snippets.entries()) {
    test(`example ${i + 1} gives what it says`, async () => {
      let seen = 0;
      await runSnippet(code, modules, {
        show: () => seen++,
        check: (value, text) => {
          seen++;
          expect(squeeze(show(value))).toBe(squeeze(text));
        },
      });
      expect(seen).toBeGreaterThan(0);
    });
  }

  test("the Chinese page has the same examples", () => {
    expect(snippetsOf(`zh/${page}`)).toEqual(snippets);
  });
});

test("there are examples", () => {
  expect(pages.flatMap(snippetsOf).length).toBeGreaterThan(0);
});

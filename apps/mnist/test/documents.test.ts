/** The programs in the repository's documents run and give what they say. */
import { expect, test } from "vitest";
import { testMarkdown } from "../../../scripts/examples.ts";

const cache = new URL("../reports/documents/", import.meta.url);
const edited: string[] = [];

/** The README trains on all of MNIST for minutes; a few digits show that the program is right. */
function onFewDigits(code: string): string {
  const shorter = code.replace("await mnist()", "await mnist({ limit: 500 })");
  if (shorter !== code) edited.push(shorter);
  return shorter;
}

testMarkdown(new URL("../../../README.md", import.meta.url), cache, onFewDigits);
testMarkdown(new URL("../../../packages/nn/README.md", import.meta.url), cache);
testMarkdown(new URL("../../../packages/optim/README.md", import.meta.url), cache);
testMarkdown(new URL("../../../ARCHITECTURE.md", import.meta.url), cache);

test("the README's training program is among those that ran", () => {
  expect(edited).toHaveLength(1);
  expect(edited[0]).toContain("optimizer.step()");
});

import { createMarkdownRenderer } from "vitepress";
import { expect, test } from "vitest";
import { liveFence } from "./live-fence.ts";
import { maths } from "./maths.ts";

async function render(text: string): Promise<string> {
  const config = (markdown: Parameters<typeof maths>[0]): void => {
    maths(markdown);
    liveFence(markdown);
  };
  const markdown = await createMarkdownRenderer(".", { config });
  return markdown.render(text);
}

test("a live fence is a component around its text", async () => {
  const html = await render('```ts live label=Go\nconst x = "<a>";\n```\n');
  const [, code, label] = /^<Live code="([^"]*)" label="([^"]*)">/.exec(html)!;
  expect(decodeURIComponent(code!)).toBe('const x = "<a>";');
  expect(label).toBe("Go");
  expect(html).toContain("language-ts");
  expect(html.trimEnd()).toMatch(/<\/Live>$/);
});

test("other fences stay what they are", async () => {
  expect(await render("```ts\nlet live;\n```\n")).not.toContain("<Live");
});

test("formulas are typeset, for screen readers too", async () => {
  const html = await render("$x^{{2}}$ costs $5\n\n$$\n\\sum_i x_i\n$$\n");
  expect(html).toContain("<math");
  expect(html).toContain("<span v-pre>");
  expect(html).toContain('<p v-pre class="formula" tabindex="0">');
  expect(html).toContain("costs $5");
});

test("a formula that is none breaks the build", async () => {
  await expect(render("$\\nothing$")).rejects.toThrow("Undefined control sequence: \\nothing");
});

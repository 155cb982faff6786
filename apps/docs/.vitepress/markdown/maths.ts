/** Formulas, `$…$` in a line and `$$…$$` on lines of their own: typeset when the site is built. */
import { tex } from "@mdit/plugin-tex";
import katex from "katex";
import type { MarkdownRenderer } from "vitepress";

/** A formula as HTML and as MathML, which is what screen readers read. */
function render(source: string, displayMode: boolean): string {
  const html = katex.renderToString(source, { displayMode, throwOnError: true, strict: "error" });
  // v-pre: braces of TeX are not Vue's. A long formula scrolls, also by keyboard.
  return displayMode
    ? `<p v-pre class="formula" tabindex="0">${html}</p>`
    : `<span v-pre>${html}</span>`;
}

/** Reads formulas in Markdown. */
export function maths(markdown: MarkdownRenderer): void {
  // The same class by the types of another version.
  markdown.use(tex as unknown as (markdown: MarkdownRenderer, options: object) => void, { render });
}

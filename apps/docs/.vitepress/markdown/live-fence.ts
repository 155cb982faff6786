/**
 * The fence ```` ```ts live ````: highlighted text that a page's script turns into an editor which
 * runs. The text stays in the page for those who read without scripts.
 */

import type { MarkdownRenderer } from "vitepress";

/** Whether a fence with this info string runs in the page. */
export function isLive(info: string): boolean {
  return /^ts live\b/.test(info);
}

/** Wraps each live fence in the component `Live`, which gets its text. `label=Train` names its button. */
export function liveFence(markdown: MarkdownRenderer): void {
  const fence = markdown.renderer.rules.fence!;
  markdown.renderer.rules.fence = (tokens, index, ...rest) => {
    const html = fence(tokens, index, ...rest);
    const { info, content } = tokens[index]!;
    if (!isLive(info)) return html;
    const label = /\blabel=(\S+)/.exec(info)?.[1];
    // An attribute of a template: the text is encoded so that nothing in it is read as one.
    const code = encodeURIComponent(content.trimEnd());
    return `<Live code="${code}"${label === undefined ? "" : ` label="${label}"`}>${html}</Live>`;
  };
}

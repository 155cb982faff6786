// How TypeDoc's pages read here: a signature with its types, what the comment says, and nothing said twice.
import { ReflectionKind } from "typedoc";
import { MarkdownTheme, MarkdownThemeContext } from "typedoc-plugin-markdown";

/** The theme's name among TypeDoc's options. */
export const themeName = "needle";

export class NeedleTheme extends MarkdownTheme {
  getRenderContext(page) {
    return new Context(this, page, this.application.options);
  }
}

class Context extends MarkdownThemeContext {
  constructor(...args) {
    super(...args);
    const { comment } = this.partials;
    Object.assign(this.partials, {
      // Throws and Example in bold: as headings they would fill the page's outline.
      comment: (model, options) => comment(model, { ...options, headingLevel: undefined }),
      signatureReturns: (model) => this.#described(model),
      accessor: ({ getSignature, setSignature }) => this.#accessor(getSignature ?? setSignature),
      hierarchy: ({ types, isTarget }) =>
        isTarget ? "" : `Extends ${types.map((type) => this.partials.someType(type)).join(", ")}.`,
      inheritance: () => "",
      sources: (model) => this.#file(model),
    });
  }

  /** What a comment says of a function's parameters and of its result; types are in its signature. */
  #described({ parameters = [], comment }) {
    const described = parameters.filter((parameter) => parameter.comment?.summary.length > 0);
    const list = described.map(
      (parameter) => `- \`${parameter.name}\`: ${this.#text(parameter.comment.summary)}`,
    );
    const returns = comment?.getTag("@returns");
    const result = returns === undefined ? "" : `**Returns** ${this.#text(returns.content)}`;
    return [list.join("\n"), result].filter((part) => part !== "").join("\n\n");
  }

  /** Where the code is, for what a page lists; members stand with their class. */
  #file(model) {
    const owner = model.isSignature() ? model.parent.parent : model.parent;
    return owner.kind === ReflectionKind.Module
      ? `<small>${model.sources[0].fileName}</small>`
      : "";
  }

  #accessor(signature) {
    const title = this.partials.signatureTitle(signature, {
      accessor: signature.parent.getSignature ? "get" : "set",
    });
    return signature.comment ? `${title}\n\n${this.partials.comment(signature.comment)}` : title;
  }

  /** A comment's text on one line, as an item of a list needs it. */
  #text(parts) {
    return this.helpers.getCommentParts(parts).replace(/\s*\n\s*/g, " ");
  }
}

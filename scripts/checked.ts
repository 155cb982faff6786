/** Examples that check themselves: a line `expression; // => text` says what the expression gives. */

/**
 * The same program, in which each such line pushes `[value, text]` to an array called `checks`. Lines keep their numbers.
 */
export function checked(code: string): string {
  const lines: string[] = [];
  const source = code.split("\n");
  for (let i = 0; i < source.length; i++) {
    const check = /^(\s*)(.*?);? *\/\/ => (.*)$/.exec(source[i]!);
    if (check === null) {
      lines.push(source[i]!);
      continue;
    }
    let text = check[3]!;
    let more = "";
    while (/^\s*\/\/ /.test(source[i + 1] ?? "")) {
      text += ` ${source[++i]!.replace(/^\s*\/\//, "")}`;
      more += "\n";
    }
    lines.push(`${check[1]}checks.push([await (${check[2]}), ${JSON.stringify(text)}]);${more}`);
  }
  return lines.join("\n");
}

/** What a check compares with its text, spaces and line breaks apart. */
export function show(value: unknown): string {
  const isPlain =
    Array.isArray(value) || (value !== null && Object.getPrototypeOf(value) === Object.prototype);
  return isPlain ? JSON.stringify(value) : String(value);
}

/** A text without what a check overlooks. */
export function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

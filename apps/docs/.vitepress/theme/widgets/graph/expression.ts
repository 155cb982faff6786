/**
 * The parser of the graph stepper: text such as `log(x1) + x1*x2 - sin(x2)` to an expression, or an
 * error that knows its position.
 */

/** The functions that can be written. */
export const functions = ["exp", "log", "sin", "cos", "tanh", "relu", "sqrt"] as const;
type FunctionName = (typeof functions)[number];
type Operator = "add" | "sub" | "mul" | "div" | "pow" | "neg";

/** What was written. */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "variable"; readonly name: string }
  | {
      readonly kind: "apply";
      readonly op: FunctionName | Operator;
      readonly inputs: readonly Expression[];
    };

/** What can be wrong; the texts are in `labels.ts`. */
export type Problem = "empty" | "long" | "character" | "unexpected" | "end" | "unknown" | "call";

/** The longest text that is read. */
export const longest = 120;

/** Says what is wrong, and where: `position` counts characters from 0. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly problem: Problem;
  readonly position: number;
  /** The part of the text it is about. */
  readonly found: string;

  constructor(problem: Problem, position: number, found = "") {
    super(`${problem} at ${position}: ${found}`);
    this.problem = problem;
    this.position = position;
    this.found = found;
  }
}

interface Token {
  readonly kind: "number" | "name" | "sign" | "end";
  readonly text: string;
  readonly position: number;
}

const pattern = /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z]\w*)|([-+*/^()]))/y;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  pattern.lastIndex = 0;
  const end = text.trimEnd().length;
  let position = 0;
  while (position < end) {
    const match = pattern.exec(text);
    if (match === null) {
      const start = position + /^\s*/.exec(text.slice(position))![0].length;
      throw new ExpressionError("character", start, String.fromCodePoint(text.codePointAt(start)!));
    }
    const [, number, name, sign] = match;
    const part = (number ?? name ?? sign)!;
    const kind = number !== undefined ? "number" : name !== undefined ? "name" : "sign";
    position = pattern.lastIndex;
    found.push({ kind, text: part, position: position - part.length });
  }
  return [...found, { kind: "end", text: "", position: end }];
}

/**
 * Reads an expression: numbers, variables, `+ - * / ^`, a minus in front, parentheses and the
 * functions. `^` binds tightest and to the right; a minus in front binds less: `-x^2` is `-(x^2)`.
 *
 * @throws ExpressionError with the position of what cannot be read.
 */
export function parse(text: string): Expression {
  if (text.length > longest) throw new ExpressionError("long", longest);
  const parser = new Parser(tokens(text));
  return parser.whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  whole(): Expression {
    if (this.#tokens.length === 1) throw new ExpressionError("empty", 0);
    const result = this.#sum();
    if (this.#token.kind !== "end") throw this.#unexpected();
    return result;
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  /** Whether the next token is the sign, which is then taken. */
  #takes(sign: string): boolean {
    const is = this.#token.kind === "sign" && this.#token.text === sign;
    if (is) this.#next++;
    return is;
  }

  #unexpected(): ExpressionError {
    const { kind, text, position } = this.#token;
    return new ExpressionError(kind === "end" ? "end" : "unexpected", position, text);
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      if (this.#takes("+")) left = apply("add", left, this.#product());
      else if (this.#takes("-")) left = apply("sub", left, this.#product());
      else return left;
    }
  }

  #product(): Expression {
    let left = this.#signed();
    for (;;) {
      if (this.#takes("*")) left = apply("mul", left, this.#signed());
      else if (this.#takes("/")) left = apply("div", left, this.#signed());
      else return left;
    }
  }

  #signed(): Expression {
    if (!this.#takes("-")) return this.#power();
    const inner = this.#signed();
    return inner.kind === "number" ? { ...inner, value: -inner.value } : apply("neg", inner);
  }

  #power(): Expression {
    const base = this.#atom();
    return this.#takes("^") ? apply("pow", base, this.#signed()) : base;
  }

  #atom(): Expression {
    const token = this.#token;
    if (this.#takes("(")) return this.#closed();
    if (token.kind !== "number" && token.kind !== "name") throw this.#unexpected();
    this.#next++;
    if (token.kind === "number") return { kind: "number", value: Number(token.text) };
    return this.#named(token);
  }

  #named({ text: name, position }: Token): Expression {
    const op = functions.find((known) => known === name);
    if (op === undefined) {
      if (this.#token.text === "(") throw new ExpressionError("unknown", position, name);
      return { kind: "variable", name };
    }
    if (!this.#takes("(")) throw new ExpressionError("call", position, name);
    return apply(op, this.#closed());
  }

  /** What stands before the closing parenthesis. */
  #closed(): Expression {
    const inner = this.#sum();
    if (!this.#takes(")")) throw this.#unexpected();
    return inner;
  }
}

function apply(op: FunctionName | Operator, ...inputs: Expression[]): Expression {
  return { kind: "apply", op, inputs };
}

/** The names of the variables, each once, x2 before x10. */
export function variablesOf(expression: Expression): string[] {
  const names = new Set<string>();
  const visit = (part: Expression): void => {
    if (part.kind === "variable") names.add(part.name);
    if (part.kind === "apply") part.inputs.forEach(visit);
  };
  visit(expression);
  return [...names].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/**
 * What arguments must be: a kind for each sort of value, and the two checks that every function
 * makes with them, one of a value, one of an options object. Rules about shapes are in `shape.ts`.
 */
import { ArgumentError, show } from "./errors.ts";

/** What a value must be. */
export interface Kind {
  /** As in "k must be a whole number". */
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

/** What each option must be. The names are those of the options' type, which the compiler checks. */
export type Kinds<Options> = Readonly<Record<keyof Options, Kind>>;

/** Whatever it is: something else checks it. */
export const anything: Kind = { expected: "anything", holds: () => true };

/** Any number; infinities and NaN are. */
export const number: Kind = {
  expected: "a number",
  holds: (value) => typeof value === "number",
};

/** `true` or `false`. */
export const flag: Kind = {
  expected: "true or false",
  holds: (value) => typeof value === "boolean",
};

/** A function, which is called later. */
export const callback: Kind = {
  expected: "a function",
  holds: (value) => typeof value === "function",
};

/**
 * A whole number, of at least `least`.
 *
 * @example
 * import { args } from "@needle/ndarray";
 * let message = "";
 * try {
 *   args.check("topk", "k", 1.5, args.whole(0));
 * } catch (error) {
 *   message = String(error);
 * }
 * message; // => ArgumentError: topk: k must be a whole number of at least 0, got 1.5
 */
export function whole(least: number = Number.MIN_SAFE_INTEGER): Kind {
  const isLimited = least !== Number.MIN_SAFE_INTEGER;
  return {
    expected: `a whole number${isLimited ? ` of at least ${least}` : ""}`,
    holds: (value) => Number.isSafeInteger(value) && (value as number) >= least,
  };
}

/** One of a kind, or an array of them. */
export function oneOrMore(kind: Kind): Kind {
  return {
    expected: `${kind.expected}, or an array of such`,
    holds: (value) =>
      Array.isArray(value) ? Array.from(value).every(kind.holds) : kind.holds(value),
  };
}

/** Of a kind, or null. */
export function orNull(kind: Kind): Kind {
  return {
    expected: `${kind.expected} or null`,
    holds: (value) => value === null || kind.holds(value),
  };
}

/**
 * One of a few words.
 *
 * @example
 * import { args } from "@needle/ndarray";
 * args.oneOf("left", "right").expected; // => "left" or "right"
 */
export function oneOf(...words: readonly string[]): Kind {
  const quoted = words.map((word) => `"${word}"`);
  const last = quoted.pop();
  return {
    expected: quoted.length === 0 ? `${last}` : `${quoted.join(", ")} or ${last}`,
    holds: (value) => words.includes(value as string),
  };
}

/** Throws ArgumentError unless `value`, which messages call `name`, is of a kind. */
export function check(op: string, name: string, value: unknown, kind: Kind): void {
  if (kind.holds(value)) return;
  throw new ArgumentError(op, `${name} must be ${kind.expected}, got ${show(value)}`);
}

/**
 * Throws ArgumentError unless `options` is an object, has no names but those of `kinds`, and holds
 * what they say; `undefined` stands for the default. Returns the options.
 *
 * @example
 * import { args } from "@needle/ndarray";
 * const kinds = { keepdims: args.flag };
 * const { keepdims = false } = args.checkOptions("sum", { keepdims: true }, kinds);
 * keepdims; // => true
 */
export function checkOptions<Options extends object>(
  op: string,
  options: Options,
  kinds: Kinds<Options>,
): Options {
  const isPlain = typeof options === "object" && options !== null && !Array.isArray(options);
  if (!isPlain || "shape" in options) {
    throw new ArgumentError(op, `options are an object, got ${show(options)}`, known(kinds));
  }
  for (const name of Object.keys(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof Options] : undefined;
    if (kind === undefined)
      throw new ArgumentError(op, `there is no option "${name}"`, known(kinds));
    const value = options[name as keyof Options];
    if (value !== undefined) check(op, name, value, kind);
  }
  return options;
}

function known(kinds: object): string {
  return `Known are ${Object.keys(kinds).join(", ")}.`;
}

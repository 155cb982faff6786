/**
 * What arguments must be: a kind for each sort of value, and the two checks that every function
 * makes with them, one of a value, one of an options object. Rules about shapes are in `shape.ts`.
 */
import { ArgumentError, rightCall, show } from "./errors.ts";

/** What a value must be. */
export interface Kind {
  /** As in "k must be a whole number". */
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
  /** What to do about it, where that is not plain. */
  readonly remedy?: string;
  /** The right call, shown where options stand in the place of what comes before them. */
  readonly call?: string;
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

/** Any string. */
export const text: Kind = {
  expected: "a string",
  holds: (value) => typeof value === "string",
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

/** A finite number of at least `least`. */
export function atLeast(least: number): Kind {
  return {
    expected: `a number of at least ${least}`,
    holds: (value) => typeof value === "number" && value >= least && value < Infinity,
  };
}

/** A finite number above `limit`. */
export function above(limit: number): Kind {
  return {
    expected: `a number above ${limit}`,
    holds: (value) => typeof value === "number" && value > limit && value < Infinity,
  };
}

/** A number from `low` to `high`, which both count. */
export function between(low: number, high: number): Kind {
  return {
    expected: `from ${low} to ${high}`,
    holds: (value) => typeof value === "number" && value >= low && value <= high,
  };
}

/** A number from 0, which counts, to 1, which does not: what of something stays. */
export const fraction: Kind = {
  expected: "from 0 to below 1",
  holds: (value) => typeof value === "number" && value >= 0 && value < 1,
};

/** Any object that has these members. */
export function having(expected: string, ...members: readonly string[]): Kind {
  return {
    expected,
    holds: (value) =>
      typeof value === "object" && value !== null && members.every((member) => member in value),
  };
}

/** An array of a kind. */
export function arrayOf(kind: Kind): Kind {
  return {
    expected: `an array, each item ${kind.expected}`,
    holds: (value) => Array.isArray(value) && Array.from(value).every(kind.holds),
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
  const problem = `${name} must be ${kind.expected}, got ${show(value)}`;
  throw new ArgumentError(op, problem, rightCall(value, kind.call) ?? kind.remedy);
}

/**
 * Throws ArgumentError unless each of `values`, which messages call by these names, is of a kind.
 *
 * @example
 * import { args } from "@needle/ndarray";
 * let message = "";
 * try {
 *   args.checkEach("Linear", { inFeatures: 3, outFeatures: -2 }, args.whole(0));
 * } catch (error) {
 *   message = String(error);
 * }
 * message; // => ArgumentError: Linear: outFeatures must be a whole number of at least 0, got -2
 */
export function checkEach(op: string, values: Readonly<Record<string, unknown>>, kind: Kind): void {
  for (const name of Object.keys(values)) check(op, name, values[name], kind);
}

/**
 * Throws ArgumentError unless `options` is an object, has no names but those of `kinds`, and holds
 * what they say; `undefined` stands for the default, if there is one. Returns the options.
 *
 * @param required - the names of those that have no default.
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
  required: readonly (keyof Options & string)[] = [],
): Options {
  const isPlain = typeof options === "object" && options !== null && !Array.isArray(options);
  const isArray = isPlain && "shape" in options && "dtype" in options && !("shape" in kinds);
  if (!isPlain || isArray) {
    throw new ArgumentError(op, `options are an object, got ${show(options)}`, known(kinds));
  }
  for (const name of Object.keys(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof Options] : undefined;
    if (kind === undefined) {
      const problem = `there is no option "${name}"${meant(name, Object.keys(kinds))}`;
      throw new ArgumentError(op, problem, known(kinds));
    }
    const value = options[name as keyof Options];
    if (value !== undefined) check(op, name, value, kind);
  }
  for (const name of required) check(op, name, options[name], kinds[name]);
  return options;
}

function known(kinds: object): string {
  const names = Object.keys(kinds);
  return names.length === 0 ? "There are none." : `Known are ${names.join(", ")}.`;
}

/** The name that a misspelt one is nearest to, if it is near, as a question. */
function meant(name: string, names: readonly string[]): string {
  const distances = names.map((other) => editsBetween(name.toLowerCase(), other.toLowerCase()));
  const least = Math.min(...distances);
  // One edit in three letters: more turn any word into any other, as one does the shortest.
  if (least > Math.max(1, name.length / 3) || name.length < 3) return "";
  return `, did you mean "${names[distances.indexOf(least)]}"?`;
}

/** How many letters to add, leave out, change or swap with the next one to get from `a` to `b`. */
function editsBetween(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? before[j - 2]! + 1 : Infinity;
      row.push(Math.min(change, last[j]! + 1, row[j - 1]! + 1, swap));
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}

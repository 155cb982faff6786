/**
 * Runs the text of a live example: TypeScript with imports of the packages and `await` at its top.
 * Pages do it in a worker, the tests in Node.
 */
import { format, inspect } from "node-inspect-extracted";
import { transform } from "sucrase";
import { checked } from "../../../../../scripts/checked.ts";
import { helpersFor } from "./helpers.ts";
import type { Shown } from "./messages.ts";

/** What an example can import, by name. */
export type Modules = Readonly<Record<string, unknown>>;

/** Where what an example does becomes seen. */
export interface Output {
  show(shown: Shown): void;
  /** The value of a line `expression; // => text`. */
  check(value: unknown, text: string): void;
}

/** The names that an example finds without importing them, besides those of the language. */
const given = ["require", "exports", "console", "checks", "plot", "pictures"] as const;

type Program = (...values: unknown[]) => Promise<void>;

const AsyncFunction = (async () => {}).constructor as new (...parts: string[]) => Program;

/** Lines that the engine puts before a function's text. */
const linesBefore = 2;

/**
 * Runs an example to its end.
 *
 * @throws SyntaxError for what is not TypeScript, Error for an import of anything else, and what the
 *   example throws.
 */
export async function runSnippet(code: string, modules: Modules, output: Output): Promise<void> {
  const values: Readonly<Record<(typeof given)[number], unknown>> = {
    require: (name: string) => imported(name, modules),
    exports: {},
    console: consoleFor(output),
    checks: { push: ([value, text]: [unknown, string]) => output.check(value, text) },
    ...helpersFor(output.show),
  };
  await compiled(code)(...given.map((name) => values[name]));
}

function compiled(code: string): Program {
  const { code: javascript } = transform(checked(code), {
    transforms: ["typescript", "imports"],
    disableESTransforms: true,
  });
  return new AsyncFunction(...given, `${javascript}\n//# sourceURL=example.ts`);
}

function imported(name: string, modules: Modules): unknown {
  if (Object.hasOwn(modules, name)) return modules[name];
  throw new Error(`cannot import "${name}" here, only ${Object.keys(modules).join(", ")}`);
}

function consoleFor({ show }: Output): Console {
  const print =
    (kind: "log" | "error") =>
    (...values: unknown[]): void =>
      show({ type: "print", kind, text: format(...values) });
  const [log, error] = [print("log"), print("error")];
  const dir = (value: unknown): void => log(inspect(value));
  return { ...console, log, info: log, debug: log, dir, error, warn: error };
}

/** An error as the console shows it: its name, its message, and the example's line where it arose. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `Thrown: ${inspect(error)}`;
  const line = /example\.ts:(\d+)/.exec(error.stack ?? "")?.[1];
  const where = line === undefined ? "" : `\n    at line ${Number(line) - linesBefore}`;
  return `${error.name}: ${error.message}${where}`;
}

/** Command lines of programs that are told numbers only. */
import { parseArgs } from "node:util";

/** Of an option: what it is unless given, and what it does. */
export interface NumberOption {
  readonly value: number;
  readonly about: string;
  /** The least it may be. Default 1. */
  readonly least?: number;
}

type Options<Name extends string> = Readonly<Record<Name, NumberOption>>;

/**
 * The numbers of a command line, by option.
 *
 * @throws Error that says what is wrong with a line.
 */
export function numbersOf<Name extends string>(
  line: readonly string[],
  options: Options<Name>,
): Record<Name, number> {
  const names = Object.keys(options) as Name[];
  const kinds = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  const { values } = parseArgs({ args: [...line], options: kinds });
  const numberOf = (name: Name): number => {
    const { value, least = 1 } = options[name];
    const text = values[name];
    if (text === undefined) return value;
    const given = Number(text);
    if (/^\d+$/.test(text as string) && given >= least) return given;
    throw new Error(`--${name} must be a whole number of at least ${least}, got ${text}`);
  };
  return Object.fromEntries(names.map((name) => [name, numberOf(name)])) as Record<Name, number>;
}

/** How a program is called. */
export function usageOf<Name extends string>(
  command: string,
  about: string,
  options: Options<Name>,
): string {
  const rows = (Object.entries(options) as [Name, NumberOption][]).map(
    ([name, { value, about }]) => `${`  --${name} N`.padEnd(16)}${about} (${value})`,
  );
  return [`${command} -- [options]`, "", about, "", ...rows, "  --help"].join("\n");
}

/** The numbers this process was called with. Ends it with the usage for `--help`, or for a mistake. */
export function numbersOrExit<Name extends string>(
  command: string,
  about: string,
  options: Options<Name>,
): Record<Name, number> {
  const line = process.argv.slice(2);
  const usage = usageOf(command, about, options);
  if (line.includes("--help")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return numbersOf(line, options);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

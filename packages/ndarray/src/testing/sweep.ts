/**
 * The sweep over what a package exports: functions and constructors meet every wrong argument with
 * an error of their own, before they allocate anything.
 */
import { NeedleError } from "../errors.ts";
import { type WrongCall, wrongCalls } from "./wrong-arguments.ts";

/** How a function or a constructor is called when nothing is wrong. */
export interface Sweep {
  /** Right calls, which together give every argument and state every option. */
  readonly calls: readonly (readonly unknown[])[];
  /** Which of the wrong calls are none here, by what is said about them. */
  readonly takes?: RegExp;
}

type Run = (...args: readonly unknown[]) => unknown;

/** A function as it is; a class as a function that makes one. */
export function callable(exported: unknown): Run {
  const made = exported as (new (...args: readonly unknown[]) => unknown) & Run;
  const isClass = /^class\b/.test(Function.prototype.toString.call(made));
  return isClass ? (...args) => new made(...args) : made;
}

/**
 * Everything that is wrong with how `run` meets wrong calls; the empty list if nothing is.
 *
 * @param allocated - how much has been allocated so far.
 */
export async function sweep(
  name: string,
  run: Run,
  { calls, takes }: Sweep,
  allocated: () => number,
): Promise<string[]> {
  const complaints: string[] = [];
  const options = new Set<string>();
  for (const args of calls) {
    await run(...args);
    for (const wrong of [...wrongCalls(args), ...misspelt(args)]) {
      if (takes?.test(wrong.about)) continue;
      const before = allocated();
      const said = await messageOf(run, wrong);
      const complaint = complaintOn(name, said, wrong);
      if (complaint !== null) complaints.push(`${wrong.about}: ${complaint}`);
      if (wrong.shows !== null && allocated() !== before) {
        complaints.push(`${wrong.about}: has allocated before it failed`);
      }
    }
    for (const option of args.flatMap(optionsOf)) options.add(option);
  }
  const known = calls.flatMap((args) => args.filter((arg) => optionsOf(arg).length > 0));
  if (known.length > 0) complaints.push(...(await untold(run, calls, options)));
  return complaints;
}

async function messageOf(run: Run, { args }: WrongCall): Promise<string | Error | null> {
  try {
    await run(...args);
  } catch (error) {
    return error instanceof NeedleError ? error.message : (error as Error);
  }
  return null;
}

function complaintOn(
  name: string,
  said: string | Error | null,
  { shows }: WrongCall,
): string | null {
  if (said === null) return shows === null ? null : "took it";
  if (said instanceof Error) return `threw ${said}`;
  if (!said.startsWith(`${name}: `)) return `says ${said}`;
  return shows === null || said.includes(shows) ? null : `does not show it, ${said}`;
}

/** Every option of more than one letter with a letter too many. */
function* misspelt(args: readonly unknown[]): Generator<WrongCall> {
  for (const [i, arg] of args.entries()) {
    for (const name of optionsOf(arg)) {
      if (name.length === 1) continue;
      const { [name]: value, ...others } = arg as Record<string, unknown>;
      yield {
        about: `${name} of argument ${i} misspelt`,
        args: args.with(i, { ...others, [`${name}s`]: value }),
        shows: `there is no option "${name}s", did you mean "${name}"?\nKnown are `,
      };
    }
  }
}

/** The options that the error about an unknown one lists, and no right call states. */
async function untold(
  run: Run,
  calls: readonly (readonly unknown[])[],
  stated: ReadonlySet<string>,
): Promise<string[]> {
  const args = calls.find((args) => args.some((arg) => optionsOf(arg).length > 0))!;
  const at = args.findIndex((arg) => optionsOf(arg).length > 0);
  const wrong = args.with(at, { ...(args[at] as object), wrong: 1 });
  const said = await messageOf(run, { about: "", args: wrong, shows: null });
  const listed = /Known are (.*)\.$/.exec(String(said))?.[1]?.split(", ") ?? [];
  return listed
    .filter((name) => !stated.has(name))
    .map((name) => `no right call states the option ${name}`);
}

/** The names in an argument that is a plain object of options. */
function optionsOf(arg: unknown): string[] {
  const isPlain =
    typeof arg === "object" && arg !== null && Object.getPrototypeOf(arg) === Object.prototype;
  return isPlain && !("alloc" in arg) ? Object.keys(arg) : [];
}

/**
 * The sweep over what a package exports: functions and constructors meet every wrong argument with
 * an error of their own, before they allocate anything.
 */
import { complaintOn, isOptions, saidBy, type WrongCall, wrongCalls } from "./wrong-arguments.ts";

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
      const complaint = complaintOn(name, said, wrong, allocated() !== before);
      if (complaint !== null) complaints.push(`${wrong.about}: ${complaint}`);
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
    return saidBy(error);
  }
  return null;
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

function optionsOf(arg: unknown): string[] {
  return isOptions(arg) ? Object.keys(arg) : [];
}

/**
 * The law that every function keeps for every wrong argument: it throws a needle error that starts
 * with its name and shows what it got, before it has allocated anything. Calls that are right are
 * recorded, and tried again with each argument replaced.
 */
import { NeedleError, show } from "../errors.ts";
import { isNDArray } from "../ndarray.ts";

/** A call that was right. */
export interface RecordedCall {
  readonly name: string;
  readonly run: (...args: readonly unknown[]) => unknown;
  readonly args: readonly unknown[];
}

type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Functions as they are, which note how they are called; not what they call themselves. */
export function recording<F extends object>(functions: F, calls: RecordedCall[]): F {
  let depth = 0;
  const recorded = Object.entries(functions as unknown as Functions).map(([name, original]) => {
    const run = original as RecordedCall["run"];
    const noting = (...args: readonly unknown[]): unknown => {
      if (depth === 0) calls.push({ name, run, args });
      depth += 1;
      try {
        return run(...args);
      } finally {
        depth -= 1;
      }
    };
    return [name, noting];
  });
  return Object.fromEntries(recorded) as F;
}

/** What no function takes for any argument. */
const impossible: readonly unknown[] = [Symbol("wrong"), () => 0, "wrong", 10n];

/** The same, but messages may speak of what is in them. */
const structured: readonly unknown[] = [{ wrong: 1 }, ["a"], [[["a"]]]];

/** What some functions take for some arguments. */
const doubtful: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  1.5,
  -7,
  Number.POSITIVE_INFINITY,
  true,
  {},
  [],
  [[1]],
  new Float32Array(2),
];

/** A call with one argument replaced. */
export interface WrongCall {
  readonly about: string;
  readonly args: readonly unknown[];
  /** What has to stand in the message; null where the call may be right. */
  readonly shows: string | null;
}

/**
 * The call with each argument replaced by each wrong value and by each of `others`, with each
 * option and the first element of each list replaced, and with an option that there is not.
 */
export function* wrongCalls(
  args: readonly unknown[],
  others: readonly unknown[] = [],
): Generator<WrongCall> {
  for (const [i, arg] of args.entries()) {
    const put = (value: unknown, where: string, shows: string | null): WrongCall => ({
      about: `${where} of argument ${i}: ${show(value)}`,
      args: args.with(i, value),
      shows,
    });
    for (const value of impossible) yield put(value, "all", show(value));
    for (const value of structured) yield put(value, "all", "");
    for (const value of [...doubtful, ...others]) yield put(value, "all", null);
    if (Array.isArray(arg) && arg.length > 0) {
      for (const value of impossible) {
        yield put(arg.with(0, value), "the first element", show(value));
      }
      for (const value of doubtful) yield put(arg.with(0, value), "the first element", null);
    }
    if (!isOptions(arg)) continue;
    yield put({ ...arg, wrong: 1 }, "a name", '"wrong"');
    for (const name of Object.keys(arg)) {
      const putOption = (value: unknown, shows: string | null): WrongCall =>
        put({ ...arg, [name]: value }, `${name} (${show(value)})`, shows);
      for (const value of impossible) yield putOption(value, show(value));
      for (const value of structured) yield putOption(value, "");
      for (const value of doubtful) yield putOption(value, null);
    }
  }
}

/** Whether an argument is a plain object of options, which a backend is not. */
export function isOptions(arg: unknown): arg is Readonly<Record<string, unknown>> {
  const isPlain =
    typeof arg === "object" && arg !== null && Object.getPrototypeOf(arg) === Object.prototype;
  return isPlain && !("alloc" in arg);
}

/** What a function said as it failed: the message of a needle error, or another error itself. */
export function saidBy(error: unknown): string | Error {
  return error instanceof NeedleError ? error.message : (error as Error);
}

/**
 * What is wrong with how a function met a wrong call; null if nothing is.
 *
 * @param said - what it said; null if it took the call.
 * @param hasAllocated - whether it has allocated anything.
 */
export function complaintOn(
  name: string,
  said: string | Error | null,
  { shows }: WrongCall,
  hasAllocated: boolean,
): string | null {
  if (said === null) return shows === null ? null : "took it";
  if (said instanceof Error) return `threw ${said}`;
  if (!said.startsWith(`${name}: `)) return `says ${said}`;
  if (shows === null) return null;
  if (!said.includes(shows)) return `does not show it, ${said}`;
  return hasAllocated ? "has allocated before it failed" : null;
}

/**
 * The same for an op, which is called here. Numbers alone may be right for it.
 *
 * @param allocated - how much has been allocated so far.
 */
export function complaint(
  name: string,
  run: RecordedCall["run"],
  wrong: WrongCall,
  allocated: () => number,
): string | null {
  const before = allocated();
  let said: string | Error | null = null;
  try {
    run(...wrong.args);
  } catch (error) {
    said = saidBy(error);
  }
  if (said === null && !wrong.args.some(isNDArray)) return null;
  const found = complaintOn(name, said, wrong, allocated() !== before);
  return found === null ? null : `${name}, ${wrong.about}: ${found}`;
}

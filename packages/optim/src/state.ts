/**
 * Saving an optimizer and going on from what was saved. All arrays stand in one flat record, so that
 * it can be written to a file of named tensors; the rest is plain data.
 */
import { Tensor } from "@needle/autograd";
import { ArgumentError, isNDArray, type NDArray, show, showShape } from "@needle/ndarray";

/** A snapshot of an optimizer. */
export interface OptimizerStateDict {
  readonly steps: number;
  /** The options of each group, and how many parameters it has. */
  readonly groups: readonly Readonly<Record<string, unknown>>[];
  /** The arrays kept for each parameter: `0.mean` is the `mean` of the first parameter. */
  readonly state: Readonly<Record<string, Tensor | NDArray>>;
}

type State = Readonly<Record<string, NDArray>>;
type AnyGroup = { readonly parameters: readonly Tensor[] };

/** Makes a snapshot. */
export function saveState(
  steps: number,
  groups: readonly AnyGroup[],
  parameters: readonly Tensor[],
  states: ReadonlyMap<Tensor, State>,
): OptimizerStateDict {
  const state = parameters.flatMap((parameter, i) =>
    Object.entries(states.get(parameter) ?? {}).map(([name, array]): [string, Tensor] => [
      `${i}.${name}`,
      new Tensor(array.copy()),
    ]),
  );
  return {
    steps,
    groups: groups.map(({ parameters, ...options }) => ({
      ...options,
      parameters: parameters.length,
    })),
    state: Object.fromEntries(state),
  };
}

/**
 * The states of a snapshot, as arrays of the optimizer's own; sets the options of the groups.
 *
 * @param init - the state that a parameter begins with: what names and shapes there are.
 */
export function loadState<S extends State>(
  op: string,
  saved: OptimizerStateDict,
  groups: readonly AnyGroup[],
  parameters: readonly Tensor[],
  init: (parameter: Tensor) => S,
): Map<Tensor, S> {
  if (!Array.isArray(saved?.groups) || typeof saved.state !== "object" || saved.state === null) {
    const got = show(saved);
    throw new ArgumentError(op, `loadStateDict takes what stateDict gave, got ${got}`);
  }
  const problems = [...groupProblems(saved, groups)];
  const arrays = new Map(
    Object.entries(saved.state).map(([name, x]) => [name, isNDArray(x) ? x : x.value]),
  );
  const states = new Map<Tensor, S>();
  parameters.forEach((parameter, i) => {
    const names = [...arrays.keys()].filter((name) => name.startsWith(`${i}.`));
    if (names.length === 0) return;
    const state = init(parameter);
    for (const [name, own] of Object.entries(state)) {
      const given = arrays.get(`${i}.${name}`);
      arrays.delete(`${i}.${name}`);
      const wanted = showShape(own.shape);
      if (given === undefined) problems.push(`  missing ${i}.${name} ${wanted}`);
      else if (showShape(given.shape) !== wanted)
        problems.push(
          `  misshapen ${i}.${name}: expected ${wanted}, got ${showShape(given.shape)}`,
        );
      else own.assign(given.to(own.backend));
    }
    states.set(parameter, state);
  });
  for (const [name, x] of arrays) problems.push(`  unexpected ${name} ${showShape(x.shape)}`);
  if (problems.length > 0) {
    for (const state of states.values()) for (const array of Object.values(state)) array.dispose();
    throw new ArgumentError(op, "the saved state does not fit", problems.join("\n"));
  }
  groups.forEach((group, k) => {
    const { parameters: _, ...options } = saved.groups[k]!;
    Object.assign(group, options);
  });
  for (const state of states.values()) for (const array of Object.values(state)) array.adopt();
  return states;
}

function* groupProblems(saved: OptimizerStateDict, groups: readonly AnyGroup[]): Iterable<string> {
  if (saved.groups.length !== groups.length) {
    yield `  ${saved.groups.length} groups, expected ${groups.length}`;
    return;
  }
  for (const [k, group] of groups.entries()) {
    const [got, wanted] = [saved.groups[k]!.parameters, group.parameters.length];
    if (got !== wanted) yield `  group ${k} has ${String(got)} parameters, expected ${wanted}`;
  }
}

/** Taking over a saved state: every entry is checked before anything is changed. */
import { isTensor, type Tensor } from "@needle/autograd";
import { isNDArray, type NDArray, NeedleError, scope, show, showShape } from "@needle/ndarray";
import type { Found } from "./walk.ts";

/** Parameters and buffers by name, as `stateDict` gives and `loadStateDict` takes them. */
export type StateDict = Readonly<Record<string, Tensor | NDArray>>;

/** Thrown for entries of a state that do not fit a module, and for two parts of one name. */
export class StateDictError extends NeedleError {}

/** Options of `loadStateDict`. */
export interface LoadOptions {
  /**
   * Whether missing and unexpected names are errors; misshapen values always are. Default true.
   */
  readonly strict?: boolean;
}

/**
 * Copies the values of a state into the parameters and buffers of the same names.
 *
 * @param name - of the module's class.
 * @throws StateDictError listing every missing, unexpected and misshapen entry.
 */
export function loadInto(
  name: string,
  own: ReadonlyMap<string, Tensor>,
  state: StateDict,
  { strict = true }: LoadOptions,
): void {
  const given = Object.entries(state).filter(([name]) => own.has(name));
  const misnamed = strict ? misnamedIn(own, state) : [];
  const misshapen = misshapenIn(own, given);
  if (misnamed.length + misshapen.length > 0) {
    const remedy = "Pass { strict: false } to load only the names that match.";
    throw new StateDictError(
      "loadStateDict",
      `the state does not fit ${name}`,
      [...misnamed, ...misshapen, ...(misshapen.length === 0 ? [remedy] : [])].join("\n"),
    );
  }
  const arrays = given.map(([, value]) => (isNDArray(value) ? value : value.value));
  for (const array of arrays) array.checkAlive("loadStateDict");
  given.forEach(([name], i) => {
    const { value } = own.get(name)!;
    scope(() => {
      value.assign(arrays[i]!.to(value.backend));
    });
  });
}

/** A line for each name that only one of the two has. */
function misnamedIn(own: ReadonlyMap<string, Tensor>, state: StateDict): string[] {
  const missing = [...own].filter(([name]) => !Object.hasOwn(state, name));
  const unexpected = Object.entries(state).filter(([name]) => !own.has(name));
  return [
    ...missing.map(([name, value]) => `  missing ${name} ${showShape(value.shape)}`),
    ...unexpected.map(([name, value]) => `  unexpected ${name} ${shapeOf(value)}`),
  ];
}

/** A line for each value of another shape than the module's own. */
function misshapenIn(
  own: ReadonlyMap<string, Tensor>,
  given: readonly Found<Tensor | NDArray>[],
): string[] {
  return given.flatMap(([name, value]) => {
    const [wanted, got] = [shapeOf(own.get(name)!), shapeOf(value)];
    return wanted === got ? [] : [`  misshapen ${name}: expected ${wanted}, got ${got}`];
  });
}

/** The shape of an entry; what is none is shown as it is. */
function shapeOf(value: Tensor | NDArray): string {
  return isTensor(value) || isNDArray(value) ? showShape(value.shape) : show(value);
}

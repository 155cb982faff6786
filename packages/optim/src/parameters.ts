/** The parameters that optimizers and their like are given. */
import { isTensor, type Tensor } from "@needle/autograd";
import { ArgumentError, show } from "@needle/ndarray";

/** The remedy of most that can be wrong with them. */
export const passParameters = "Pass model.parameters().";

/**
 * The parameters, each once.
 *
 * @param where - which of several lists they are, " of group 1".
 * @throws ArgumentError unless they are leaf tensors, one at least.
 */
export function leavesOf(op: string, given: Iterable<Tensor>, where = ""): Tensor[] {
  checkList(op, `parameters${where}`, given);
  const parameters = [...new Set(given)];
  if (parameters.length === 0) {
    throw new ArgumentError(op, `got no parameters${where}`, passParameters);
  }
  parameters.forEach((parameter, i) => {
    if (isTensor(parameter) && parameter.isLeaf) return;
    const got = isTensor(parameter) ? "" : `, got ${show(parameter)}`;
    const problem = `parameter ${i}${where} is not a leaf tensor${got}`;
    throw new ArgumentError(op, problem, passParameters);
  });
  return parameters;
}

/** Throws unless it can be gone through; a string, which can, holds no parameters. */
export function checkList(op: string, expected: string, given: unknown): void {
  if (typeof given === "object" && given !== null && Symbol.iterator in given) return;
  throw new ArgumentError(op, `takes ${expected}, got ${show(given)}`, passParameters);
}

/** The shape rules of the ops that layers are made of: products with a bias, normalization, losses. */
import { ShapeError, showShape } from "./errors.ts";
import type { Shape } from "./shape.ts";

/** What `affine` gives. */
export function affineShape(x: Shape, weight: Shape, bias: Shape | null): number[] {
  const [inner, columns] = weight;
  if (x.length === 0 || weight.length !== 2) {
    const got = `${showShape(x)} x ${showShape(weight)}`;
    throw new ShapeError("affine", `expected […,in] x [in,out], got ${got}`);
  }
  if (x.at(-1) !== inner) {
    const product = `${showShape(x)} x ${showShape(weight)}`;
    throw new ShapeError("affine", `inner sizes differ, ${product} (${x.at(-1)} vs ${inner})`);
  }
  if (bias !== null && (bias.length !== 1 || bias[0] !== columns)) {
    throw new ShapeError("affine", `expected a bias [${columns}], got ${showShape(bias)}`);
  }
  return [...x.slice(0, -1), columns!];
}

/** Checks that an operand broadcasts to `shape` without making it larger. */
export function checkStretches(op: string, name: string, operand: Shape, shape: Shape): void {
  const lead = shape.length - operand.length;
  const fits =
    lead >= 0 && operand.every((length, axis) => length === 1 || length === shape[lead + axis]);
  if (fits) return;
  const problem = `the ${name} ${showShape(operand)} does not stretch to ${showShape(shape)}`;
  throw new ShapeError(op, problem);
}

/** Checks that there is a label for each row of scores. */
export function checkLabels(op: string, scores: Shape, labels: Shape): void {
  const fits =
    labels.length === scores.length - 1 && labels.every((length, axis) => length === scores[axis]);
  if (fits) return;
  const got = `${showShape(scores)} and ${showShape(labels)}`;
  throw new ShapeError(op, `expected scores […,classes] and labels […], got ${got}`);
}

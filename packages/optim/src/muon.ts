/** Muon. */
import { ArgumentError, args, formula, type NDArray, showShape, zerosLike } from "@needle/ndarray";
import { type GroupOptions, groupKinds, Optimizer, type ParametersOrGroups } from "./optimizer.ts";

/** Options of Muon. */
export interface MuonOptions extends Partial<GroupOptions> {
  /** How much of the last direction stays in the next. Default 0.95. */
  momentum?: number;
  /** Look ahead along the direction. Default true. */
  nesterov?: boolean;
  /** Times `lr` and the parameter, taken off the parameter itself. Default 0. */
  weightDecay?: number;
  /** Iterations towards an orthogonal matrix. Default 5. */
  iterations?: number;
}

type MuonGroup = Required<MuonOptions>;
type MuonState = { readonly velocity: NDArray };

const muonKinds: args.Kinds<MuonGroup> = {
  ...groupKinds,
  momentum: args.fraction,
  nesterov: args.flag,
  weightDecay: args.atLeast(0),
  iterations: args.whole(1),
};

const averageStep = formula(["u", "g"], ["momentum"], ({ u, g }, { momentum }) => ({
  u: u.mul(momentum).add(g.mul(momentum.neg().add(1))),
}));

/** Coefficients of an odd quintic that pulls singular values towards 1 (K. Jordan, 2024). */
const [a, b, c] = [3.4445, -4.775, 2.0315];

/** A matrix with nearly the same singular vectors and singular values near 1 (Newton-Schulz). */
function orthogonalized(matrix: NDArray, iterations: number): NDArray {
  const [rows, columns] = matrix.shape as [number, number];
  let x = rows > columns ? matrix.transpose() : matrix;
  x = x.div(x.square().sum().sqrt().add(1e-7));
  for (let i = 0; i < iterations; i++) {
    const product = x.matmul(x.transpose());
    const polynomial = product.mul(b).add(product.matmul(product).mul(c));
    x = x.mul(a).add(polynomial.matmul(x));
  }
  return rows > columns ? x.transpose() : x;
}

/**
 * Momentum whose direction is made orthogonal, for the matrices inside a network; give biases,
 * embeddings and the last layer to another optimizer. A weight of more than two axes counts as a
 * matrix with the last axis as its columns.
 *
 * - `u = momentum * u + (1 - momentum) * gradient`, under `nesterov` then
 *   `d = (1 - momentum) * gradient + momentum * u`, else `d = u`
 * - `w = (1 - lr * weightDecay) * w - lr * sqrt(max(1, columns / rows)) * orthogonal(d)`
 *
 * Jordan and others, Muon: an optimizer for hidden layers in neural networks (2024); weights here
 * are `[in, out]`, so rows and columns change places.
 *
 * @param options - `lr` is 0.02 by default.
 * @throws ArgumentError for parameters with fewer than two axes.
 *
 * @example
 * import { eye, tensor } from "@needle/autograd";
 * import { Muon } from "@needle/optim";
 * const w = tensor([[5, 0], [0, 5]], { requiresGrad: true });
 * w.mul(eye(2)).sum().backward();
 * new Muon([w], { lr: 1 }).step();
 * w.round(); // => [[4. 0.]
 *    //     [0. 4.]]
 */
export class Muon extends Optimizer<MuonGroup, MuonState> {
  constructor(parameters: ParametersOrGroups<MuonGroup>, options: MuonOptions = {}) {
    const defaults = { momentum: 0.95, nesterov: true, weightDecay: 0, iterations: 5 };
    super(parameters, { lr: 0.02, maximize: false, ...defaults }, options, muonKinds);
    this.parameters.forEach(({ shape }, i) => {
      if (shape.length >= 2) return;
      const problem = `parameter ${i} is ${showShape(shape)}, not a matrix`;
      throw new ArgumentError("Muon", problem, "Step vectors and scalars with AdamW.");
    });
  }

  protected init(value: NDArray): MuonState {
    return { velocity: zerosLike(value) };
  }

  protected update(w: NDArray, g: NDArray, { velocity }: MuonState, options: MuonGroup): void {
    const { lr, momentum, nesterov, weightDecay, iterations } = options;
    averageStep({ u: velocity, g }, { momentum });
    const ahead = nesterov ? g.mul(1 - momentum).add(velocity.mul(momentum)) : velocity;
    const columns = w.shape.at(-1)!;
    const rows = columns === 0 ? 0 : w.size / columns;
    if (w.size === 0) return;
    const direction = orthogonalized(ahead.reshape([rows, columns]), iterations);
    const rate = lr * Math.sqrt(Math.max(1, columns / rows));
    w.assign(w.mul(1 - lr * weightDecay).sub(direction.reshape(w.shape).mul(rate)));
  }
}

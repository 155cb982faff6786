/** Keeping gradients small. Both change the gradients of the parameters in place. */
import { noGrad, type Tensor } from "@needle/autograd";
import { ArgumentError } from "@needle/ndarray";
import { atLeastZero } from "./optimizer.ts";

function gradientsOf(parameters: Iterable<Tensor>): Tensor[] {
  return [...new Set(parameters)].flatMap(({ grad }) => (grad === null ? [] : [grad]));
}

/**
 * Scales all gradients by one factor so that their norm, taken together as one long vector, is at
 * most `maxNorm`; smaller ones stay as they are.
 *
 * Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks (2013);
 * PyTorch's clip_grad_norm_.
 *
 * @param options.p - which norm: 2 unless given, any number above 0, or Infinity.
 * @returns the norm before, as a 0-d tensor.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { clipGradNorm } from "@needle/optim";
 * const w = tensor([3, 4], { requiresGrad: true });
 * w.square().div(2).sum().backward();
 * clipGradNorm([w], 1); // => 5.0
 * w.grad.mul(10).round(); // => [6. 8.]
 */
export function clipGradNorm(
  parameters: Iterable<Tensor>,
  maxNorm: number,
  options: { readonly p?: number } = {},
): Tensor {
  const { p = 2 } = options;
  atLeastZero("clipGradNorm", "maxNorm", maxNorm);
  if (!(p > 0)) throw new ArgumentError("clipGradNorm", `p must be above 0, got ${p}`);
  const gradients = gradientsOf(parameters);
  const [first] = gradients;
  if (first === undefined) {
    throw new ArgumentError(
      "clipGradNorm",
      "no parameter has a gradient",
      "Call it between backward() and step().",
    );
  }
  return noGrad(() => {
    const parts = gradients.map((g) => partOf(g, p).to(first.backend).astype(first.dtype));
    const total = parts.reduce((a, b) =>
      p === Number.POSITIVE_INFINITY ? a.maximum(b) : a.add(b),
    );
    const norm = p === Number.POSITIVE_INFINITY ? total : p === 2 ? total.sqrt() : total.pow(1 / p);
    const factor = norm.add(1e-6).reciprocal().mul(maxNorm).minimum(1);
    for (const g of gradients) g.assign(g.mul(factor.to(g.backend).astype(g.dtype)));
    return norm;
  });
}

function partOf(g: Tensor, p: number): Tensor {
  if (p === Number.POSITIVE_INFINITY) return g.size === 0 ? g.sum() : g.abs().max();
  return p === 2 ? g.square().sum() : g.abs().pow(p).sum();
}

/**
 * Brings every element of every gradient into `[-limit, limit]`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { clipGradValue } from "@needle/optim";
 * const w = tensor([3, -0.5], { requiresGrad: true });
 * w.square().sum().backward();
 * clipGradValue([w], 2);
 * w.grad; // => [ 2. -1.]
 */
export function clipGradValue(parameters: Iterable<Tensor>, limit: number): void {
  atLeastZero("clipGradValue", "limit", limit);
  noGrad(() => {
    for (const g of gradientsOf(parameters)) g.assign(g.clamp(-limit, limit));
  });
}

/** Keeping gradients small. Both change the gradients of the parameters in place. */
import { isTensor, noGrad, type Tensor } from "@needle/autograd";
import { ArgumentError, args, show } from "@needle/ndarray";
import { checkList, passParameters } from "./parameters.ts";

function gradientsOf(op: string, parameters: Iterable<Tensor>): Tensor[] {
  checkList(op, "parameters", parameters);
  return [...new Set(parameters)].flatMap((parameter, i) => {
    if (isTensor(parameter)) return parameter.grad === null ? [] : [parameter.grad];
    const problem = `parameter ${i} is not a tensor, got ${show(parameter)}`;
    throw new ArgumentError(op, problem, passParameters);
  });
}

/** Of a norm; infinite ones are. */
const powerKind: args.Kind = {
  expected: "above 0",
  holds: (p) => typeof p === "number" && p > 0,
};

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
  args.check("clipGradNorm", "maxNorm", maxNorm, args.atLeast(0));
  const { p = 2 } = args.checkOptions("clipGradNorm", options, { p: powerKind });
  const gradients = gradientsOf("clipGradNorm", parameters);
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
  args.check("clipGradValue", "limit", limit, args.atLeast(0));
  const gradients = gradientsOf("clipGradValue", parameters);
  noGrad(() => {
    for (const g of gradients) g.assign(g.clamp(-limit, limit));
  });
}

/** Gates, and choices made soft. */
import * as nd from "@needle/ndarray";
import { checkTensors } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { sigmoid } from "./activations.ts";
import { add, div, mul, neg, sub } from "./elementwise.ts";
import { softmax } from "./softmax.ts";
import { slice } from "./views.ts";

/**
 * A gated linear unit: the first half along an axis (the last unless given) times the sigmoid of
 * the second. Dauphin et al. (2017).
 *
 * @throws ShapeError unless the axis has an even size.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([4, 6, 0, 1e4]).glu(); // => [2. 6.]
 */
export function glu(x: Tensor, axis = -1): Tensor {
  checkTensors("glu", [x]);
  const along = nd.normalizeAxis("glu", axis, x.ndim);
  const length = x.shape[along]!;
  if (length % 2 !== 0) {
    const problem = `axis ${axis} of ${nd.showShape(x.shape)} has no halves (size ${length})`;
    throw new nd.ShapeError("glu", problem);
  }
  const part = (start: number): Tensor => {
    const range: nd.Index = [start, start + length / 2];
    return slice(
      x,
      ...x.shape.slice(0, along + 1).map((_, i): nd.Index => (i === along ? range : ":")),
    );
  };
  return nd.scope(() => mul(part(0), sigmoid(part(length / 2))));
}

/**
 * `softmax(-x)` along one axis, the last unless given: the smallest element gets the most.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([-1e4, 0]).softmin(); // => [1. 0.]
 */
export function softmin(x: Tensor, axis = -1): Tensor {
  checkTensors("softmin", [x]);
  nd.normalizeAxis("softmin", axis, x.ndim);
  if (x.dtype === "bool") {
    throw new nd.DTypeError("softmin", "not defined for bool", "Convert with astype first.");
  }
  return nd.scope(() => softmax(neg(x), axis));
}

/** Options of `gumbelSoftmax`. */
export interface GumbelSoftmaxOptions {
  /** How far from a single choice; above 0. Default 1. */
  readonly temperature?: number;
  /** Whether the value is a single choice; the gradient stays that of the soft one. Default false. */
  readonly hard?: boolean;
  /** Default -1. */
  readonly axis?: number;
  /** The default generator unless given. */
  readonly generator?: nd.Generator;
}

const gumbelSoftmaxOptions: nd.args.Kinds<GumbelSoftmaxOptions> = {
  temperature: nd.args.number,
  hard: nd.args.flag,
  axis: nd.args.number,
  generator: nd.generatorKind,
};

/**
 * A random choice with the probabilities `softmax(scores)`, made soft so that it has a gradient:
 * `softmax((scores + noise) / temperature)` with Gumbel noise. Jang et al., Categorical
 * reparameterization with Gumbel-softmax (2017).
 *
 * @throws ArgumentError unless the temperature is above 0.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([0, 1e4]).gumbelSoftmax({ hard: true }); // => [0. 1.]
 */
export function gumbelSoftmax(scores: Tensor, options: GumbelSoftmaxOptions = {}): Tensor {
  checkTensors("gumbelSoftmax", [scores]);
  nd.args.checkOptions("gumbelSoftmax", options, gumbelSoftmaxOptions);
  const op = "gumbelSoftmax";
  const { temperature = 1, hard = false, axis = -1, generator } = options;
  if (!(temperature > 0)) {
    throw new nd.ArgumentError(op, `the temperature must be above 0, got ${temperature}`);
  }
  const along = nd.normalizeAxis(op, axis, scores.ndim);
  return nd.scope(
    () => {
      const { shape, backend, dtype } = scores;
      // The middle of each step of the uniform numbers, so that no noise is infinite.
      const u = nd.rand(shape, { dtype: "float64", backend, generator });
      const noise = nd.neg(nd.log(nd.neg(nd.log(nd.add(nd.mul(u, 1 - 2 ** -53), 2 ** -54)))));
      const soft = softmax(
        div(add(scores, new Tensor(nd.astype(noise, dtype))), temperature),
        along,
      );
      return hard ? throughChoice(soft, along) : soft;
    },
    { label: op },
  );
}

/** One-hot at the largest element, with the slope of `soft`. */
function throughChoice(soft: Tensor, axis: number): Tensor {
  const places = soft.shape.map((length, i) => (i === axis ? length : 1));
  const { backend, dtype } = soft;
  const positions = nd.reshape(nd.arange(0, soft.shape[axis]!, 1, { backend }), places);
  const chosen = nd.eq(nd.argmax(soft.value, axis, { keepdims: true }), positions);
  return add(sub(soft, soft.detach()), new Tensor(nd.astype(chosen, dtype)));
}

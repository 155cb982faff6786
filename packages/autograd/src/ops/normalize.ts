/** Normalization over any axes. */
import * as nd from "@needle/ndarray";
import { compositeRule } from "../composite.ts";
import { checkTensors, record, tensorKind, valuesOf } from "../op.ts";
import { Tensor } from "../tensor.ts";

/** How `normalize` scales and shifts. */
export interface NormalizeOptions {
  /** Added to the variance, against division by 0. Default 1e-5. */
  readonly eps?: number;
  /** Times the normalized values; stretches to the shape of `x`. Default none. */
  readonly weight?: Tensor | null;
  /** Added at the end; stretches to the shape of `x`. Default none. */
  readonly bias?: Tensor | null;
}

const normalizeOptions: nd.args.Kinds<NormalizeOptions> = {
  eps: nd.args.number,
  weight: nd.args.orNull(tensorKind),
  bias: nd.args.orNull(tensorKind),
};

type Role = "x" | "weight" | "bias";

/** What each input is, and what the forward pass has found. */
type Params = readonly [
  roles: readonly Role[],
  axes: readonly number[],
  eps: number,
  mean: Tensor,
  variance: Tensor,
];

const keep = { keepdims: true };

const rule = compositeRule<Params>("normalize", {
  compose(inputs, roles, axes, eps) {
    const [weight, bias] = [inputs[roles.indexOf("weight")], inputs[roles.indexOf("bias")]];
    const x = inputs[0]!;
    const centered = x.sub(x.mean(axes, keep));
    const variance = centered.square().mean(axes, keep);
    const unit = centered.div(variance.add(eps).sqrt());
    const scaled = weight === undefined ? unit : unit.mul(weight);
    return bias === undefined ? scaled : scaled.add(bias);
  },
  vjp(i, g, _y, inputs, roles, axes, eps, mean, variance) {
    const [x, weight] = [inputs[0]!, inputs[roles.indexOf("weight")]].map((input) =>
      input?.value.astype(g.dtype),
    );
    const saved = { x: x!, mean: mean.value, variance: variance.value, eps };
    const { shape, dtype } = inputs[i]!;
    if (roles[i] === "x") {
      const adjoint = nd.normalizeInputGradient(g.value, saved, axes, weight ?? null);
      return new Tensor(adjoint.astype(dtype));
    }
    const adjoint =
      roles[i] === "weight"
        ? nd.normalizeWeightGradient(g.value, saved, shape)
        : g.value.sum(nd.broadcastAxes(shape, g.shape)).reshape(shape);
    return new Tensor(adjoint.astype(dtype));
  },
});

/**
 * `(x - mean) / sqrt(variance + eps) * weight + bias`, the mean and the biased variance being those
 * over `axes` (all of them if left out).
 *
 * @throws ShapeError unless weight and bias stretch to the shape of `x`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[1, 3], [100, 300]]).normalize(-1, { eps: 0 }); // => [[-1.  1.] [-1.  1.]]
 */
export function normalize(x: Tensor, axes?: nd.Axes, options: NormalizeOptions = {}): Tensor {
  checkTensors("normalize", [x]);
  nd.args.checkOptions("normalize", options, normalizeOptions);
  return normalizeWith(x, axes, options);
}

/** `normalize`, showing the mean and the variance it has found before they are freed. */
export function normalizeWith(
  x: Tensor,
  axes: nd.Axes | undefined,
  options: NormalizeOptions,
  show?: (mean: nd.NDArray, variance: nd.NDArray) => void,
): Tensor {
  const { eps = 1e-5, weight = null, bias = null } = options;
  const given: readonly (readonly [Role, Tensor | null])[] = [
    ["x", x],
    ["weight", weight],
    ["bias", bias],
  ];
  const present = given.filter((entry): entry is [Role, Tensor] => entry[1] !== null);
  const inputs = present.map(([, input]) => input);
  const roles = present.map(([role]) => role);
  const values = valuesOf("normalize", inputs) as nd.NDArray[];
  const reduced = nd.normalizeAxes("normalize", axes, x.ndim);
  const { value, mean, variance } = nd.normalizeWithMoments(values[0]!, reduced, {
    eps,
    weight: values[roles.indexOf("weight")],
    bias: values[roles.indexOf("bias")],
  });
  show?.(mean, variance);
  const y = record(rule, value, inputs, [
    roles,
    reduced,
    eps,
    new Tensor(mean),
    new Tensor(variance),
  ]);
  // Only the graph, if there is one, owns them now.
  mean.dispose();
  variance.dispose();
  return y;
}

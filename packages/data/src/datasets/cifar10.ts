/** CIFAR-10: 32x32 colour images in ten classes. */
import { Tensor } from "@needle/autograd";
import {
  ArgumentError,
  args,
  type Backend,
  empty,
  fromTypedArray,
  type NDArray,
  ShapeError,
  scope,
  show,
  showShape,
} from "@needle/ndarray";
import { ArrayDataset, type Dataset } from "../dataset.ts";
import { classes, countRecords, readRecords, side } from "../formats/cifar.ts";
import * as kinds from "../kinds.ts";
import { nodeFiles } from "../platform.ts";

/** The bytes of the files of the binary version. */
export interface Cifar10Files {
  /** `data_batch_1.bin` to `data_batch_5.bin`, or some of them. */
  readonly train: readonly Uint8Array[];
  /** `test_batch.bin` */
  readonly test: Uint8Array;
}

/** What `cifar10` loads. */
export interface Cifar10Options {
  /** Load only the first so many images of each part. Default: all. */
  readonly limit?: number;
  /** Where the images are kept. Default: the default backend. */
  readonly backend?: Backend;
}

const cifar10Kinds: args.Kinds<Cifar10Options> = { limit: kinds.limit, backend: kinds.backend };
const filesKind = args.having("a folder or the bytes of its files, { train, test }");

/**
 * Colour images of 32x32 pixels with a class from 0 to 9 (the course's CIFAR10Dataset). The pixels
 * stay bytes; a batch is converted to float32 from 0 to 1, `pixel / 255`.
 *
 * @example
 * import { Cifar10Dataset } from "@needle/data";
 * import { full, zeros } from "@needle/ndarray";
 * const data = new Cifar10Dataset(full([5, 3, 32, 32], 51, { dtype: "uint8" }), zeros([5], { dtype: "int32" }));
 * const [images, labels] = data.batch(new Int32Array([0, 4]));
 * images.shape; // => [2,3,32,32]
 * labels; // => [0 0]
 */
export class Cifar10Dataset implements Dataset<[images: Tensor, labels: Tensor]> {
  /** The number of classes. */
  readonly classes: number = classes;
  /** The images as they are in the file: uint8 `[n, 3, 32, 32]`. */
  readonly pixels: NDArray;
  /** The class of each image: int32 `[n]`. */
  readonly labels: Tensor;
  readonly #rows: ArrayDataset<readonly [NDArray, NDArray]>;

  /**
   * @param pixels - uint8 `[n, 3, 32, 32]`.
   * @param labels - int32 `[n]`.
   * @throws ShapeError when they are not that.
   */
  constructor(pixels: NDArray, labels: NDArray) {
    args.checkEach("Cifar10Dataset", { pixels, labels }, kinds.array);
    const fits = pixels.ndim === 4 && showShape(pixels.shape.slice(1)) === `[3,${side},${side}]`;
    if (!fits || pixels.dtype !== "uint8" || labels.ndim !== 1 || labels.dtype !== "int32") {
      throw new ShapeError(
        "Cifar10Dataset",
        `needs uint8 [n,3,${side},${side}] and int32 [n], got ${pixels.dtype} ${showShape(pixels.shape)} and ${labels.dtype} ${showShape(labels.shape)}`,
      );
    }
    this.pixels = pixels;
    this.labels = new Tensor(labels);
    this.#rows = new ArrayDataset(pixels, labels);
  }

  /** The number of images. */
  get length(): number {
    return this.#rows.length;
  }

  /**
   * The images at these positions as float32 `[indices, 3, 32, 32]`, and their classes, int32
   * `[indices]`.
   *
   * @throws IndexError for positions outside the dataset.
   */
  batch(indices: Int32Array): [images: Tensor, labels: Tensor] {
    return scope(() => {
      const [pixels, labels] = this.#rows.batch(indices);
      return [new Tensor(pixels.value.astype("float32").div(255)), labels];
    });
  }

  /**
   * The images from `start` (included) to `end` (excluded), by the rules of slicing, as a dataset
   * on the same memory.
   */
  slice(start: number, end?: number): Cifar10Dataset {
    const range = [start, end] as const;
    return new Cifar10Dataset(this.pixels.slice(range), this.labels.value.slice(range));
  }
}

/**
 * CIFAR-10: 50,000 images to train with and 10,000 to test with, of airplanes, automobiles, birds,
 * cats, deer, dogs, frogs, horses, ships and trucks, in this order. Nothing is downloaded: pass the
 * folder `cifar-10-batches-bin` of the binary version, or the bytes of its files.
 *
 * Source: Krizhevsky, Learning multiple layers of features from tiny images (2009),
 * https://www.cs.toronto.edu/~kriz/cifar.html.
 *
 * @throws ArgumentError when a file cannot be read, or `limit` is none.
 * @throws FormatError, naming the file, when one is damaged or not what it should be.
 *
 * @example
 * import { cifar10 } from "@needle/data";
 * const batch = new Uint8Array(4 * 3073);
 * const { train, test } = await cifar10({ train: [batch, batch], test: batch }, { limit: 6 });
 * [train.length, test.length]; // => [6,4]
 */
export async function cifar10(
  from: string | Cifar10Files,
  options: Cifar10Options = {},
): Promise<{ train: Cifar10Dataset; test: Cifar10Dataset }> {
  const { limit, backend } = args.checkOptions("cifar10", options, cifar10Kinds);
  const { train, test } = typeof from === "string" ? await inFolder(from) : asBytes(from);
  const trainCounts = countsOf(train);
  const testCounts = countsOf(test);
  return {
    train: await load(train, trainCounts, limit, backend),
    test: await load(test, testCounts, limit, backend),
  };
}

/** One file, looked at but not read yet. */
interface File {
  readonly name: string;
  readonly size: number;
  read(): Promise<Uint8Array>;
}

function asBytes(files: Cifar10Files): { train: File[]; test: File[] } {
  args.check("cifar10", "the first argument", files, filesKind);
  const { train, test } = files;
  const file = (bytes: Uint8Array, name: string): File => {
    args.check("cifar10", name, bytes, kinds.bytes);
    return { name, size: bytes.length, read: async () => bytes };
  };
  if (!Array.isArray(train) || train.length === 0) {
    const problem = `train must be a list of at least one file's bytes, got ${show(train)}`;
    throw new ArgumentError("cifar10", problem);
  }
  return { train: train.map((bytes, i) => file(bytes, `train[${i}]`)), test: [file(test, "test")] };
}

async function inFolder(folder: string): Promise<{ train: File[]; test: File[] }> {
  const files = nodeFiles();
  if (files === undefined) {
    throw new ArgumentError(
      "cifar10",
      "there is no file system here",
      "Fetch the files and pass their bytes: cifar10({ train: [...], test }).",
    );
  }
  const file = async (base: string): Promise<File> => {
    const name = `${folder}/${base}`;
    const { size } = await attempt(name, files.stat(name));
    return { name, size, read: () => attempt(name, files.readFile(name)) };
  };
  const train: File[] = [];
  for (let i = 1; i <= 5; i++) train.push(await file(`data_batch_${i}.bin`));
  return { train, test: [await file("test_batch.bin")] };
}

async function attempt<T>(path: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ArgumentError(
      "cifar10",
      `cannot read ${path} (${reason})`,
      "Pass the folder cifar-10-batches-bin of the binary version.",
    );
  }
}

function countsOf(files: readonly File[]): number[] {
  return files.map(({ size, name }) => countRecords("cifar10", size, name));
}

/** One file after the other, so that the bytes of only one are on the host at a time. */
async function load(
  files: readonly File[],
  counts: readonly number[],
  limit: number | undefined,
  backend: Backend | undefined,
): Promise<Cifar10Dataset> {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const length = Math.min(all, limit ?? all);
  const images = empty<"uint8">([length, 3, side, side], { dtype: "uint8", backend });
  const labels = new Int32Array(length);
  try {
    let done = 0;
    for (const [i, file] of files.entries()) {
      const bytes = await file.read();
      const count = Math.min(counts[i]!, length - done);
      if (count === 0) break;
      const records = readRecords("cifar10", bytes, count, file.name);
      scope(() => {
        const read = fromTypedArray<"uint8">(records.pixels, [count, 3, side, side], { backend });
        images.slice([done, done + count]).assign(read);
      });
      labels.set(records.labels, done);
      done += count;
    }
  } catch (error) {
    images.dispose();
    throw error;
  }
  return new Cifar10Dataset(images, fromTypedArray<"int32">(labels, [length], { backend }));
}

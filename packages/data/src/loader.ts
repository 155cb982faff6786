/**
 * The loop over a dataset: in which order, in batches of which size, and who frees them. A loader
 * owns its batches, so that a loop needs no memory calls and holds one batch at a time.
 */
import type { Tensor } from "@needle/autograd";
import {
  ArgumentError,
  args,
  defaultGenerator,
  type Generator,
  generatorKind,
  idle,
} from "@needle/ndarray";
import type { Dataset } from "./dataset.ts";
import * as kinds from "./kinds.ts";
import { release } from "./transforms.ts";

/** How a DataLoader goes through a dataset. */
export interface DataLoaderOptions {
  /** Items in a batch. Default 1. */
  readonly batchSize?: number;
  /** Whether each pass takes the items in a new random order. Default false. */
  readonly shuffle?: boolean;
  /** Whether a last batch of fewer items is left out. Default false. */
  readonly dropLast?: boolean;
  /** Where the order comes from. Default: the default generator at the time of the pass. */
  readonly generator?: Generator;
}

const loaderKinds: args.Kinds<DataLoaderOptions> = {
  batchSize: {
    ...args.whole(1),
    remedy: "For the whole dataset in one batch, pass its length.",
  },
  shuffle: args.flag,
  dropLast: args.flag,
  generator: generatorKind,
};

/**
 * Goes through a dataset in batches. Each `for` loop is a new pass; with `shuffle` it takes
 * `generator.permutation(length)` and cuts it into consecutive batches, so that
 * `new NumpyGenerator(seed)` repeats an order seeded in Python (the course's DataLoader).
 *
 * The tensors of a batch live until the next one is asked for or the loop ends, however it ends;
 * call `keep()` on a tensor (or use `detach()`) to have it for longer. `for await` also returns the
 * memory of tensors that the loop's body dropped, at the price of a turn of the event loop now and
 * then: prefer it in long loops.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { ArrayDataset, DataLoader } from "@needle/data";
 * const data = new ArrayDataset(tensor([[1], [2], [3], [4], [5]]), tensor([0, 1, 0, 1, 0]));
 * const loader = new DataLoader(data, { batchSize: 2 });
 * loader.length; // => 3
 * let total = 0;
 * for await (const [x] of loader) total += x.sum().item();
 * total; // => 15
 */
// "| []" as in transformed, whose result is often made in the call.
export class DataLoader<Batch extends readonly Tensor[] | []> {
  readonly dataset: Dataset<Batch>;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly #generator: Generator | undefined;

  /** @throws ArgumentError unless there is a dataset and `batchSize` is a whole number from 1. */
  constructor(dataset: Dataset<Batch>, options: DataLoaderOptions = {}) {
    args.check("DataLoader", "the first argument", dataset, kinds.dataset);
    args.checkOptions("DataLoader", options, loaderKinds);
    const { batchSize = 1, shuffle = false, dropLast = false, generator } = options;
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.dropLast = dropLast;
    this.#generator = generator;
  }

  /** The number of batches in a pass. */
  get length(): number {
    const batches = this.#items() / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): IterableIterator<Batch, void> {
    for (const indices of this.#pass()) {
      const batch = this.#load(indices);
      try {
        yield batch;
      } finally {
        release(batch, "DataLoader");
      }
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Batch, void> {
    for (const indices of this.#pass()) {
      const batch = this.#load(indices);
      try {
        yield batch;
      } finally {
        release(batch, "DataLoader");
      }
      await idle();
    }
  }

  /** The positions of each batch of a new pass. */
  *#pass(): IterableIterator<Int32Array> {
    const items = this.#items();
    const order = this.shuffle
      ? (this.#generator ?? defaultGenerator()).permutation(items)
      : counting(items);
    const { length } = this;
    for (let i = 0; i < length; i++)
      yield order.subarray(i * this.batchSize, (i + 1) * this.batchSize);
  }

  /** Scopes around the loop leave the batch to the loader. */
  #load(indices: Int32Array): Batch {
    const batch = this.dataset.batch(indices);
    for (const tensor of batch) tensor.value.adopt();
    return batch;
  }

  #items(): number {
    const { length } = this.dataset;
    if (Number.isSafeInteger(length) && length >= 0) return length;
    throw new ArgumentError(
      "DataLoader",
      `the dataset's length must be a whole number of at least 0, got ${length}`,
    );
  }
}

function counting(n: number): Int32Array {
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  return order;
}

/** What the trainer needs to know of a model: how to make it, and how it learns. */
import type { Tensor } from "@needle/autograd";
import type { NDArray } from "@needle/ndarray";

/** How many classes of digits there are. */
export const classes: number = 10;

/** Rows and columns of a digit. */
export const side: number = 28;

/** How many pixels a digit has. */
export const pixels: number = side * side;

/** Something that learns from batches of flat images `[batch, 784]` and their labels `[batch]`. */
export interface Learner {
  /** Learns from one batch and gives the mean loss it had before. */
  step(images: Tensor, labels: Tensor): Tensor;
  /**
   * Scores without learning: `[batch, 784] -> [batch, 10]`, the largest at the digit the model
   * takes the image for.
   */
  scores(images: Tensor): Tensor;
  /** The table of its layers; without it, it has none. */
  summary?(): string;
  /** What the first layer has learned, to be looked at: `[784, out]` or `[rows, columns, 1, out]`. */
  weights(): NDArray;
  /** All it has learned, by name: the arrays themselves, so that assigning to them changes it. */
  state(): Record<string, NDArray>;
}

/** What `--optimizer` can be. */
export type OptimizerName = "sgd" | "adam";

/** The choices a model is made with. */
export interface ModelSettings {
  /** The width of the hidden layer. */
  readonly hidden: number;
  /** Whether the layers of `mlp` have biases. */
  readonly bias: boolean;
  readonly optimizer: OptimizerName;
  readonly lr: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** How many steps there will be; where training has no end, not given. */
  readonly steps?: number;
}

/** One line of the table of models. */
export interface ModelEntry {
  /** What it is, in a few words for `--help`. */
  readonly summary: string;
  readonly epochs: number;
  readonly batchSize: number;
  /**
   * The optimizers it can learn with, each with its default learning rate; the first is the
   * default.
   */
  readonly lr: Readonly<Partial<Record<OptimizerName, number>>>;
  /** The default width of the hidden layer; null where there is none. */
  readonly hidden: number | null;
  /** Whether `--momentum` and `--weight-decay` apply. */
  readonly tunable: boolean;
  /** Whether `--no-bias` applies. */
  readonly biasOptional: boolean;
  readonly create: (settings: ModelSettings) => Learner;
}

/** The residual network of fully connected layers of CMU 10-714, hw2. */
import { BatchNorm1d, Dropout, type Layer, Linear, ReLU, Residual, Sequential } from "@needle/nn";

/** What a block is made of. */
export interface BlockOptions {
  /** Makes the normalization of a layer of `dim` features. Default BatchNorm1d. */
  readonly norm?: (dim: number) => Layer;
  /** The probability of Dropout. Default 0.1. */
  readonly drop?: number;
}

/** The size of the network. */
export interface MLPResNetOptions extends BlockOptions {
  /**
   * The width between blocks; inside it is half of that, rounded down, but at least 1. Default 100.
   */
  readonly hidden?: number;
  /** Default 3. */
  readonly blocks?: number;
  /** Default 10. */
  readonly classes?: number;
}

const batchNorm = (dim: number): Layer => new BatchNorm1d(dim);

/**
 * `relu(f(x) + x)` with f a small network through `hidden` features:
 * `[batch, dim] -> [batch, dim]`.
 */
export function residualBlock(dim: number, hidden: number, options: BlockOptions = {}): Sequential {
  const { norm = batchNorm, drop = 0.1 } = options;
  return new Sequential(
    new Residual(
      new Sequential(
        new Linear(dim, hidden),
        norm(hidden),
        new ReLU(),
        new Dropout(drop),
        new Linear(hidden, dim),
        norm(dim),
      ),
    ),
    new ReLU(),
  );
}

/** A linear layer, residual blocks, a linear layer: `[batch, dim] -> [batch, classes]`. */
export function mlpResNet(dim: number, options: MLPResNetOptions = {}): Sequential {
  const { hidden = 100, blocks = 3, classes = 10 } = options;
  return new Sequential(
    new Linear(dim, hidden),
    new ReLU(),
    ...Array.from({ length: blocks }, () =>
      residualBlock(hidden, Math.max(1, Math.floor(hidden / 2)), options),
    ),
    new Linear(hidden, classes),
  );
}

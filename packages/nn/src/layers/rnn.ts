/** The simple recurrent layer (Elman). */
import type { Tensor } from "@needle/autograd";
import { args } from "@needle/ndarray";
import { placement } from "../placement.ts";
import {
  type CellOptions,
  cellKinds,
  Recurrent,
  RecurrentCell,
  type RecurrentOptions,
  recurrentKinds,
} from "./recurrent.ts";

/** What the sum of both parts goes through. */
export type Nonlinearity = "tanh" | "relu";

const nonlinearity = args.oneOf("tanh", "relu");

/** Options of RNNCell. */
export interface RNNCellOptions extends CellOptions {
  /** Default `"tanh"`. */
  readonly nonlinearity?: Nonlinearity;
}

/** Options of RNN. */
export interface RNNOptions extends RecurrentOptions {
  /** Default `"tanh"`. */
  readonly nonlinearity?: Nonlinearity;
}

/**
 * One step: `h' = tanh(x W_ih + b_ih + h W_hh + b_hh)`, `[batch, inputSize] -> [batch, hiddenSize]`.
 *
 * Elman, Finding structure in time (1990); CMU 10-714 hw4.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { RNNCell } from "@needle/nn";
 * new RNNCell(3, 5).forward(zeros([2, 3])).shape; // => [2,5]
 */
export class RNNCell extends RecurrentCell<Tensor> {
  readonly nonlinearity: Nonlinearity;

  constructor(inputSize: number, hiddenSize: number, options: RNNCellOptions = {}) {
    super(inputSize, hiddenSize, 1, options, { ...cellKinds, nonlinearity } as typeof cellKinds);
    this.nonlinearity = options.nonlinearity ?? "tanh";
  }

  get stateParts(): number {
    return 1;
  }

  advance(projected: Tensor, hidden: Tensor): Tensor {
    const sum = projected.add(this.recall(hidden));
    return this.nonlinearity === "relu" ? sum.relu() : sum.tanh();
  }
}

/**
 * Cells along a sequence: `[time, batch, inputSize] -> [time, batch, hiddenSize]`.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { RNN } from "@needle/nn";
 * const rnn = new RNN(3, 5, { numLayers: 2 });
 * const [output, state] = rnn.forward(zeros([7, 2, 3]));
 * output.shape; // => [7,2,5]
 * state.shape; // => [2,2,5]
 */
export class RNN extends Recurrent<Tensor, RNNCell> {
  readonly rnnCells: readonly RNNCell[];
  readonly reverseCells: readonly RNNCell[];

  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    super(inputSize, hiddenSize, options, {
      ...recurrentKinds,
      nonlinearity,
    } as typeof recurrentKinds);
    [this.rnnCells, this.reverseCells] = makeCells(inputSize, hiddenSize, options, (size) => {
      const { nonlinearity } = options;
      return new RNNCell(size, hiddenSize, { ...cellOptions(options), nonlinearity });
    });
  }

  protected get forwards(): readonly RNNCell[] {
    return this.rnnCells;
  }

  protected get backwards(): readonly RNNCell[] {
    return this.reverseCells;
  }
}

/** What a layer's options say of its cells. */
export function cellOptions(options: CellOptions): CellOptions {
  return { ...placement(options), bias: options.bias };
}

/** The cells of all layers, forwards and backwards, drawn layer by layer. */
export function makeCells<Cell>(
  inputSize: number,
  hiddenSize: number,
  { numLayers = 1, bidirectional = false }: RecurrentOptions,
  make: (inputSize: number) => Cell,
): [forwards: Cell[], backwards: Cell[]] {
  const [forwards, backwards]: [Cell[], Cell[]] = [[], []];
  for (let k = 0; k < numLayers; k++) {
    const size = k === 0 ? inputSize : hiddenSize * (bidirectional ? 2 : 1);
    forwards.push(make(size));
    if (bidirectional) backwards.push(make(size));
  }
  return [forwards, backwards];
}

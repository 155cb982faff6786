/** Long short-term memory. */
import type { Tensor } from "@needle/autograd";
import { type CellOptions, Recurrent, RecurrentCell, type RecurrentOptions } from "./recurrent.ts";
import { cellOptions, makeCells } from "./rnn.ts";

/** The hidden state and the cell state. */
export type LSTMState = readonly [hidden: Tensor, cell: Tensor];

/**
 * One step, with gates i, f, g, o side by side in the weights:
 *
 * - `i, f, o = sigmoid(…)`, `g = tanh(…)` of `x W_ih + b_ih + h W_hh + b_hh`
 * - `c' = f * c + i * g`, `h' = o * tanh(c')`
 *
 * Hochreiter and Schmidhuber, Long short-term memory (1997); CMU 10-714 hw4.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { LSTMCell } from "@needle/nn";
 * const [hidden, cell] = new LSTMCell(3, 5).forward(zeros([2, 3]));
 * [hidden.shape, cell.shape]; // => [[2,5],[2,5]]
 */
export class LSTMCell extends RecurrentCell<LSTMState> {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(inputSize, hiddenSize, 4, options);
  }

  get stateParts(): number {
    return 2;
  }

  advance(projected: Tensor, [hidden, cell]: LSTMState): LSTMState {
    const gates = projected.add(this.recall(hidden));
    const [i, f] = [this.gate(gates, 0).sigmoid(), this.gate(gates, 1).sigmoid()];
    const [g, o] = [this.gate(gates, 2).tanh(), this.gate(gates, 3).sigmoid()];
    const next = f.mul(cell).add(i.mul(g));
    return [o.mul(next.tanh()), next];
  }
}

/**
 * Cells along a sequence: `[time, batch, inputSize] -> [time, batch, hiddenSize]`.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { LSTM } from "@needle/nn";
 * const lstm = new LSTM(3, 5, { bidirectional: true });
 * const [output, [hidden, cell]] = lstm.forward(zeros([7, 2, 3]));
 * output.shape; // => [7,2,10]
 * [hidden.shape, cell.shape]; // => [[2,2,5],[2,2,5]]
 */
export class LSTM extends Recurrent<LSTMState, LSTMCell> {
  readonly lstmCells: readonly LSTMCell[];
  readonly reverseCells: readonly LSTMCell[];

  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, options);
    [this.lstmCells, this.reverseCells] = makeCells(inputSize, hiddenSize, options, (size) => {
      return new LSTMCell(size, hiddenSize, cellOptions(options));
    });
  }

  protected get forwards(): readonly LSTMCell[] {
    return this.lstmCells;
  }

  protected get backwards(): readonly LSTMCell[] {
    return this.reverseCells;
  }
}

/** The gated recurrent unit. */
import type { Tensor } from "@needle/autograd";
import { type CellOptions, Recurrent, RecurrentCell, type RecurrentOptions } from "./recurrent.ts";
import { cellOptions, makeCells } from "./rnn.ts";

/**
 * One step, with gates r, z, n side by side in the weights:
 *
 * - `r, z = sigmoid(…)` of `x W_ih + b_ih + h W_hh + b_hh`
 * - `n = tanh(x W_in + b_in + r * (h W_hn + b_hn))`
 * - `h' = (1 - z) * n + z * h`
 *
 * Cho et al., Learning phrase representations using RNN encoder-decoder (2014), in the form of cuDNN
 * and PyTorch.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { GRUCell } from "@needle/nn";
 * new GRUCell(3, 5).forward(zeros([2, 3])).shape; // => [2,5]
 */
export class GRUCell extends RecurrentCell<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(inputSize, hiddenSize, 3, options);
  }

  get stateParts(): number {
    return 1;
  }

  advance(projected: Tensor, hidden: Tensor): Tensor {
    const recalled = this.recall(hidden);
    const [r, z] = [0, 1].map((i) =>
      this.gate(projected, i).add(this.gate(recalled, i)).sigmoid(),
    ) as [Tensor, Tensor];
    const n = this.gate(projected, 2)
      .add(r.mul(this.gate(recalled, 2)))
      .tanh();
    return n.add(z.mul(hidden.sub(n)));
  }
}

/**
 * Cells along a sequence: `[time, batch, inputSize] -> [time, batch, hiddenSize]`.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { GRU } from "@needle/nn";
 * const gru = new GRU(3, 5, { batchFirst: true });
 * const [output, state] = gru.forward(zeros([2, 7, 3]));
 * [output.shape, state.shape]; // => [[2,7,5],[1,2,5]]
 */
export class GRU extends Recurrent<Tensor, GRUCell> {
  readonly gruCells: readonly GRUCell[];
  readonly reverseCells: readonly GRUCell[];

  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, options);
    [this.gruCells, this.reverseCells] = makeCells(inputSize, hiddenSize, options, (size) => {
      return new GRUCell(size, hiddenSize, cellOptions(options));
    });
  }

  protected get forwards(): readonly GRUCell[] {
    return this.gruCells;
  }

  protected get backwards(): readonly GRUCell[] {
    return this.reverseCells;
  }
}

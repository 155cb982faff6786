/**
 * What recurrent layers share: cells, which take one step of a sequence, and stacks of cells that
 * run along it. The inputs' part of all steps is one matrix product; only the hidden state's part
 * has to wait for the step before.
 */
import { concat, isTensor, rand, stack, type Tensor, tensorKind, zeros } from "@needle/autograd";
import {
  ArgumentError,
  args,
  type DrawOptions,
  type Shape,
  ShapeError,
  show,
  showShape,
} from "@needle/ndarray";
import { Parameter } from "../parameter.ts";
import { placement, placementKinds } from "../placement.ts";
import { TensorModule } from "../tensor-module.ts";
import { Dropout } from "./dropout.ts";

/** Options of recurrent cells. */
export interface CellOptions extends DrawOptions {
  /** Whether to add biases. Default true. */
  readonly bias?: boolean;
}

/** Options of recurrent layers. */
export interface RecurrentOptions extends CellOptions {
  /** Layers on top of each other. Default 1. */
  readonly numLayers?: number;
  /** Whether each layer also runs from the end to the beginning. Default false. */
  readonly bidirectional?: boolean;
  /** The probability with which outputs of all layers but the last are dropped. Default 0. */
  readonly dropout?: number;
  /** Inputs and outputs are `[batch, time, …]` instead of `[time, batch, …]`. Default false. */
  readonly batchFirst?: boolean;
}

/** What the options of cells must be. */
export const cellKinds: args.Kinds<CellOptions> = { ...placementKinds, bias: args.flag };

/** What the options of recurrent layers must be. */
export const recurrentKinds: args.Kinds<RecurrentOptions> = {
  ...cellKinds,
  numLayers: args.whole(1),
  bidirectional: args.flag,
  dropout: args.between(0, 1),
  batchFirst: args.flag,
};

/** The hidden state of a cell: one tensor, or the hidden and the cell state of an LSTM. */
export type Hidden = Tensor | readonly [hidden: Tensor, cell: Tensor];

export function partsOf(state: Hidden): readonly Tensor[] {
  return Array.isArray(state) ? (state as readonly Tensor[]) : [state as Tensor];
}

/**
 * The base of cells: weights for the input and for the hidden state, with `gates` vectors of
 * `hiddenSize` side by side, drawn uniformly within `1 / sqrt(hiddenSize)` of 0 in the order
 * weightIh, weightHh, biasIh, biasHh (CMU 10-714 hw4).
 */
export abstract class RecurrentCell<State extends Hidden> extends TensorModule<
  [x: Tensor, state?: State | null],
  State
> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** `[inputSize, gates * hiddenSize]` */
  readonly weightIh: Parameter;
  /** `[hiddenSize, gates * hiddenSize]` */
  readonly weightHh: Parameter;
  /** `[gates * hiddenSize]` */
  readonly biasIh: Parameter | null;
  /** `[gates * hiddenSize]` */
  readonly biasHh: Parameter | null;

  /** @param kinds - what the options of the cell must be. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    gates: number,
    options: CellOptions = {},
    kinds: args.Kinds<CellOptions> = cellKinds,
  ) {
    super();
    args.check(new.target.name, "inputSize", inputSize, args.whole(0));
    args.checkEach(new.target.name, { hiddenSize, gates }, args.whole(1));
    args.checkOptions(new.target.name, options, kinds);
    const { bias = true } = options;
    const bound = 1 / Math.sqrt(hiddenSize);
    const draw = (...shape: number[]): Parameter =>
      new Parameter(rand(shape, { ...placement(options), low: -bound, high: bound }));
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.weightIh = draw(inputSize, gates * hiddenSize);
    this.weightHh = draw(hiddenSize, gates * hiddenSize);
    this.biasIh = bias ? draw(gates * hiddenSize) : null;
    this.biasHh = bias ? draw(gates * hiddenSize) : null;
  }

  override multiplyAdds([input]: readonly Shape[]): number {
    return input![0]! * (this.weightIh.size + this.weightHh.size);
  }

  override describe(): string {
    return `${this.inputSize}, ${this.hiddenSize}`;
  }

  /** How many tensors of `[batch, hiddenSize]` the state is. */
  abstract readonly stateParts: number;

  /**
   * One step.
   *
   * @param projected - what `project` gave for this step's input, `[batch, gates * hiddenSize]`.
   */
  abstract advance(projected: Tensor, state: State): State;

  /** The input's part of all gates: `[…, inputSize] -> […, gates * hiddenSize]`. */
  project(x: Tensor): Tensor {
    const product = x.matmul(this.weightIh);
    return this.biasIh === null ? product : product.add(this.biasIh);
  }

  /** The hidden state's part of all gates. */
  protected recall(hidden: Tensor): Tensor {
    const product = hidden.matmul(this.weightHh);
    return this.biasHh === null ? product : product.add(this.biasHh);
  }

  /** Gate `i` of all gates. */
  protected gate(gates: Tensor, i: number): Tensor {
    return gates.slice("...", [i * this.hiddenSize, (i + 1) * this.hiddenSize]);
  }

  /** The next state, from one step's input `[batch, inputSize]` and the state (zeros unless given). */
  forward(x: Tensor, state?: State | null): State {
    const name = this.constructor.name;
    if (x.ndim !== 2 || x.shape[1] !== this.inputSize) {
      throw new ShapeError(name, `expected [batch,${this.inputSize}], got ${showShape(x.shape)}`);
    }
    const wanted = [x.shape[0]!, this.hiddenSize];
    if (state !== undefined && state !== null) checkState(name, state, this.stateParts, wanted);
    return this.advance(this.project(x), state ?? this.initial(wanted, x));
  }

  /** Zeros, on the backend and of the dtype of `x`. */
  protected initial(shape: readonly number[], { backend, dtype }: Tensor): State {
    const part = (): Tensor => zeros(shape, { backend, dtype });
    return (this.stateParts === 1 ? part() : [part(), part()]) as State;
  }
}

function checkState(name: string, state: Hidden, parts: number, shape: readonly number[]): void {
  const tensors = partsOf(state);
  if (tensors.length !== parts) {
    const problem = `the state is ${parts === 1 ? "one tensor" : "a pair of tensors"}, got ${tensors.length}`;
    throw new ArgumentError(name, problem);
  }
  for (const tensor of tensors) {
    if (!isTensor(tensor)) {
      throw new ArgumentError(name, `the state is made of tensors, got ${show(tensor)}`);
    }
    if (showShape(tensor.shape) === showShape(shape)) continue;
    const problem = `the state must be ${showShape(shape)}, got ${showShape(tensor.shape)}`;
    throw new ShapeError(name, problem);
  }
}

/**
 * The base of recurrent layers. The state is `[layers * directions, batch, hiddenSize]`, all
 * directions of the first layer first, as in PyTorch.
 */
export abstract class Recurrent<
  State extends Hidden,
  Cell extends RecurrentCell<State>,
> extends TensorModule<[x: Tensor, state?: State | null], [output: Tensor, state: State]> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly batchFirst: boolean;
  readonly dropout: Dropout;

  /** @param kinds - what the options of the layer must be. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions = {},
    kinds: args.Kinds<RecurrentOptions> = recurrentKinds,
  ) {
    super();
    args.check(new.target.name, "inputSize", inputSize, args.whole(0));
    args.check(new.target.name, "hiddenSize", hiddenSize, args.whole(1));
    args.checkOptions(new.target.name, options, kinds);
    const { dropout = 0, batchFirst = false } = options;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.batchFirst = batchFirst;
    this.dropout = new Dropout(dropout);
  }

  /** Cells are not called as modules here, so their work counts as the layer's own. */
  override multiplyAdds([input]: readonly Shape[]): number {
    const cells = [...this.forwards, ...this.backwards];
    const weights = cells.reduce((sum, cell) => sum + cell.weightIh.size + cell.weightHh.size, 0);
    return input![0]! * input![1]! * weights;
  }

  override describe(): string {
    return `${this.inputSize}, ${this.hiddenSize}`;
  }

  /** The cells of each layer, forwards. */
  protected abstract get forwards(): readonly Cell[];
  /** The cells of each layer, backwards; none unless bidirectional. */
  protected abstract get backwards(): readonly Cell[];

  /**
   * Runs along a sequence: `[time, batch, inputSize] -> [time, batch, directions * hiddenSize]`, and
   * the state after it.
   *
   * @param state - where to begin; zeros unless given. Pass the last one to go on, through
   *   `detachState` if gradients are not to flow so far back.
   * @throws ShapeError for inputs or states of another shape, and for a sequence without steps.
   */
  forward(x: Tensor, state?: State | null): [output: Tensor, state: State] {
    const name = this.constructor.name;
    if (x.ndim !== 3 || x.shape[2] !== this.inputSize) {
      const axes = this.batchFirst ? "batch,time" : "time,batch";
      const problem = `expected [${axes},${this.inputSize}], got ${showShape(x.shape)}`;
      throw new ShapeError(name, problem);
    }
    const sequence = this.batchFirst ? x.transpose(0, 1) : x;
    const [time, batch] = sequence.shape as [number, number];
    if (time === 0) throw new ShapeError(name, `the sequence has no steps, ${showShape(x.shape)}`);
    const directions = this.backwards.length === 0 ? 1 : 2;
    const total = this.forwards.length * directions;
    if (state !== undefined && state !== null) {
      const shape = [total, batch, this.hiddenSize];
      checkState(name, state, this.forwards[0]!.stateParts, shape);
    }
    const ends: State[] = [];
    let outputs = sequence;
    this.forwards.forEach((cell, k) => {
      const input = k === 0 ? outputs : this.dropout.forward(outputs);
      const [ahead, end] = this.#run(cell, input, initialOf(state, k * directions), false);
      ends.push(end);
      if (directions === 1) {
        outputs = ahead;
        return;
      }
      const back = this.#run(this.backwards[k]!, input, initialOf(state, k * directions + 1), true);
      ends.push(back[1]);
      outputs = concat([ahead, back[0]], -1);
    });
    return [this.batchFirst ? outputs.transpose(0, 1) : outputs, stacked(ends)];
  }

  /** One cell along a sequence: the hidden states of all steps, and the state after the last. */
  #run(cell: Cell, x: Tensor, start: State | null, reversed: boolean): [Tensor, State] {
    const projected = cell.project(x);
    const steps = Array.from({ length: x.shape[0]! }, (_, t) => projected.slice(t));
    if (reversed) steps.reverse();
    let state = start;
    const hidden = steps.map((step) => {
      state = cell.advance(step, state ?? initialState(cell, step));
      return partsOf(state)[0]!;
    });
    if (reversed) hidden.reverse();
    return [stack(hidden), state!];
  }
}

function initialState<State extends Hidden>(cell: RecurrentCell<State>, step: Tensor): State {
  const { backend, dtype } = step;
  const part = (): Tensor => zeros([step.shape[0]!, cell.hiddenSize], { backend, dtype });
  return (cell.stateParts === 1 ? part() : [part(), part()]) as State;
}

function initialOf<State extends Hidden>(state: State | null | undefined, k: number): State | null {
  if (state === undefined || state === null) return null;
  return mapState(state, (x) => x.slice(k));
}

function stacked<State extends Hidden>(states: readonly State[]): State {
  let part = 0;
  return mapState(states[0]!, () => {
    const joined = stack(states.map((state) => partsOf(state)[part]!));
    part += 1;
    return joined;
  });
}

function mapState<State extends Hidden>(state: State, fn: (x: Tensor) => Tensor): State {
  return (Array.isArray(state) ? state.map(fn) : fn(state as Tensor)) as State;
}

/**
 * A state without its history: what to pass on from one part of a long sequence to the next, so
 * that gradients flow within a part only (truncated backpropagation through time).
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { detachState, RNN } from "@needle/nn";
 * const rnn = new RNN(3, 4);
 * const [, state] = rnn.forward(ones([5, 2, 3]));
 * [state.requiresGrad, detachState(state).requiresGrad]; // => [true,false]
 */
export function detachState<State extends Hidden>(state: State): State {
  for (const x of partsOf(state)) args.check("detachState", "the state", x, tensorKind);
  return mapState(state, (x) => x.detach());
}

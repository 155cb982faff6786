import { readFileSync } from "node:fs";
import { type Tensor, tensor } from "@needle/autograd";
import { memory, type NestedNumbers, scope } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import {
  detachState,
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  RNN,
  RNNCell,
  type RNNOptions,
} from "../index.ts";

type Cell = Readonly<Record<string, { value: NestedNumbers; grad: NestedNumbers }>>;

interface Row {
  readonly layer: "RNN" | "LSTM" | "GRU";
  readonly options: RNNOptions;
  /** Layer by layer, forwards before backwards. */
  readonly cells: readonly Cell[];
  readonly x: NestedNumbers;
  readonly state: readonly NestedNumbers[];
  readonly output: NestedNumbers;
  readonly end: readonly NestedNumbers[];
  readonly gradient: NestedNumbers;
}

const fixture = new URL("./torch-recurrent.fixture.json", import.meta.url);
const { source, rows } = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly source: string;
  readonly rows: readonly Row[];
};

const layers = { RNN, LSTM, GRU };
type AnyLayer = RNN & LSTM & GRU;
const exact = { rtol: 1e-11, atol: 1e-12 };

function float64(values: NestedNumbers, requiresGrad = false): Tensor {
  return tensor(values, { dtype: "float64", requiresGrad });
}

/** The cells in the order of the fixture. */
function cellsOf(layer: AnyLayer): (RNNCell | LSTMCell | GRUCell)[] {
  const forwards = layer.rnnCells ?? layer.lstmCells ?? layer.gruCells;
  return forwards.flatMap((cell, k) => [
    cell,
    ...(layer.reverseCells[k] ? [layer.reverseCells[k]] : []),
  ]);
}

describe(`as ${source}`, () => {
  test.each(rows.map((row) => [row.layer, JSON.stringify(row.options), row] as const))(
    "%s with %s",
    (_, __, row) => {
      const layer = new layers[row.layer](3, 2, { ...row.options, dtype: "float64" }) as AnyLayer;
      const cells = cellsOf(layer);
      expect(cells).toHaveLength(row.cells.length);
      const parameterOf = (cell: object, name: string): Tensor =>
        (cell as Record<string, Tensor>)[name]!;
      row.cells.forEach((cell, k) => {
        for (const [name, { value }] of Object.entries(cell))
          parameterOf(cells[k]!, name).assign(float64(value));
      });
      const x = float64(row.x, true);
      const start = row.state.map((part) => float64(part));
      const [output, state] = layer.forward(x, (row.layer === "LSTM" ? start : start[0]) as never);
      assertClose(output.value, row.output, exact);
      const ends = (Array.isArray(state) ? state : [state]) as Tensor[];
      ends.forEach((end, k) => {
        assertClose(end.value, row.end[k]!, exact);
      });
      const cubes = ends.map((end) => end.pow(3).sum());
      cubes.reduce((a, b) => a.add(b), output.square().sum()).backward();
      assertClose(x.grad!.value, row.gradient, exact);
      row.cells.forEach((cell, k) => {
        for (const [name, { grad }] of Object.entries(cell))
          assertClose(parameterOf(cells[k]!, name).grad!.value, grad, exact);
      });
    },
  );
});

const kinds = { RNN: [RNN, RNNCell], LSTM: [LSTM, LSTMCell], GRU: [GRU, GRUCell] } as const;

describe.each(Object.entries(kinds))("%s", (name, [Layer, Cell]) => {
  test("starts from zeros, and goes on from where it ended", () => {
    const layer = new Layer(3, 4, { numLayers: 2 }) as AnyLayer;
    const x = tensor(Array.from({ length: 30 }, (_, i) => Math.sin(i))).reshape([5, 2, 3]);
    const [whole, end] = layer.forward(x);
    const [first, state] = layer.forward(x.slice([0, 2]));
    const [second, last] = layer.forward(x.slice([2, 5]), state);
    assertClose(first.value, whole.slice([0, 2]).toArray());
    assertClose(second.value, whole.slice([2, 5]).toArray());
    const firstOf = (state: unknown): Tensor => (Array.isArray(state) ? state[0] : state) as Tensor;
    assertClose(firstOf(last).value, firstOf(end).toArray());
    // The state of the last layer is its last output.
    assertClose(firstOf(end).slice(1).value, whole.slice(-1).toArray());
  });

  test("is its cell, step by step", () => {
    const layer = new Layer(3, 4, {}) as AnyLayer;
    const [cell] = cellsOf(layer);
    const x = tensor(Array.from({ length: 12 }, (_, i) => Math.cos(i))).reshape([2, 2, 3]);
    const [output] = layer.forward(x);
    const step = cell as RNNCell;
    const state = step.forward(x.slice(1), step.forward(x.slice(0)));
    assertClose(
      ((Array.isArray(state) ? state[0] : state) as Tensor).value,
      output.slice(1).toArray(),
    );
  });

  test("drops outputs between layers in training only", () => {
    const layer = new Layer(3, 4, { numLayers: 2, dropout: 1 }) as AnyLayer;
    const x = tensor(Array.from({ length: 12 }, (_, i) => i / 12)).reshape([2, 2, 3]);
    const other = x.mul(-3);
    expect(layer.forward(x)[0].toArray()).toEqual(layer.forward(other)[0].toArray());
    layer.eval();
    expect(layer.forward(x)[0].toArray()).not.toEqual(layer.forward(other)[0].toArray());
  });

  test("keeps memory flat over long sequences in parts", () => {
    const layer = new Layer(3, 4, {}) as AnyLayer;
    const x = tensor(Array.from({ length: 12 }, (_, i) => i / 12)).reshape([2, 2, 3]);
    let live = 0;
    let state: never | null = null;
    for (let i = 0; i < 50; i++) {
      const next = scope(() => {
        const [output, after] = layer.forward(x, state);
        output.square().sum().backward();
        return detachState(after as Tensor);
      });
      for (const part of [state ?? []].flat() as Tensor[]) part.dispose();
      state = next as never;
      layer.resetGrad();
      if (i === 5) live = memory().buffers;
    }
    expect(memory().buffers).toBe(live);
  });

  test("refuses wrong shapes and sizes", () => {
    const layer = new Layer(3, 4, {}) as AnyLayer;
    const cell = new Cell(3, 4) as RNNCell;
    expect(() => layer.forward(tensor([[1, 2, 3]]))).toThrow(
      `${name}: expected [time,batch,3], got [1,3]`,
    );
    expect(() => layer.forward(tensor([]).reshape([0, 2, 3]))).toThrow(
      `${name}: the sequence has no steps, [0,2,3]`,
    );
    const wrong = tensor([[[1, 2, 3, 4]]]);
    const bad = (name === "LSTM" ? [wrong, wrong] : wrong) as never;
    expect(() =>
      layer.forward(
        tensor([
          [
            [1, 2, 3],
            [1, 2, 3],
          ],
        ]),
        bad,
      ),
    ).toThrow(`${name}: the state must be [1,2,4], got [1,1,4]`);
    expect(() => cell.forward(tensor([1, 2, 3]))).toThrow(
      `${name}Cell: expected [batch,3], got [3]`,
    );
    expect(() => new Layer(3, 0, {})).toThrow(
      `${name}: hiddenSize must be a whole number of at least 1, got 0`,
    );
    expect(() => new Layer(3, 2, { numLayers: 0 })).toThrow(`${name}: numLayers must be`);
  });
});

describe("LSTM's state", () => {
  test("is a pair", () => {
    const x = tensor([[1, 2, 3]]);
    expect(() => new LSTMCell(3, 4).forward(x, x as never)).toThrow(
      "LSTMCell: the state is a pair of tensors, got 1",
    );
  });
});

describe("the course's order of drawing", () => {
  test("is weights for input and state, then biases", () => {
    expect(
      new LSTM(2, 3, { numLayers: 2 }).namedParameters().map(([name, { shape }]) => [name, shape]),
    ).toEqual([
      ["lstmCells.0.weightIh", [2, 12]],
      ["lstmCells.0.weightHh", [3, 12]],
      ["lstmCells.0.biasIh", [12]],
      ["lstmCells.0.biasHh", [12]],
      ["lstmCells.1.weightIh", [3, 12]],
      ["lstmCells.1.weightHh", [3, 12]],
      ["lstmCells.1.biasIh", [12]],
      ["lstmCells.1.biasHh", [12]],
    ]);
    const bound = 1 / Math.sqrt(3);
    for (const w of new RNN(2, 3).parameters())
      expect(w.abs().max().item()).toBeLessThanOrEqual(bound);
  });
});

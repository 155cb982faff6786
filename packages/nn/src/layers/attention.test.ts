import { readFileSync } from "node:fs";
import { noGrad, ones, randn, type Tensor, tensor, zeros } from "@needle/autograd";
import {
  memory,
  type NestedNumbers,
  NumpyGenerator,
  scope,
  setDefaultGenerator,
} from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { beforeEach, describe, expect, test } from "vitest";
import {
  AttentionLayer,
  type EncoderDecoderOptions,
  KeyValueCache,
  type Module,
  MultiHeadAttention,
  MultiheadAttention,
  Transformer,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  TransformerLayer,
} from "../index.ts";

interface Row {
  readonly options: EncoderDecoderOptions;
  readonly state: Record<string, NestedNumbers>;
  readonly gradients: Record<string, NestedNumbers>;
  readonly x: NestedNumbers;
  readonly memory: NestedNumbers;
  readonly keyMask: NestedNumbers;
  readonly output: NestedNumbers;
  readonly weights: NestedNumbers;
  readonly xGradient: NestedNumbers;
  readonly memoryGradient: NestedNumbers;
}

const fixture = new URL("./torch-attention.fixture.json", import.meta.url);
const torch = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly source: string;
  readonly attention: Row;
  readonly encoders: readonly Row[];
  readonly decoders: readonly Row[];
};
const exact = { rtol: 1e-10, atol: 1e-10 };

function float64(values: NestedNumbers, requiresGrad = false): Tensor {
  return tensor(values, { dtype: "float64", requiresGrad });
}

function load(module: Module<never, unknown>, state: Record<string, NestedNumbers>): void {
  const entries = Object.entries(state).map(([name, values]) => [name, float64(values)] as const);
  module.loadStateDict(Object.fromEntries(entries));
}

beforeEach(() => {
  setDefaultGenerator(new NumpyGenerator(0));
});

describe(`as ${torch.source} has it`, () => {
  test("MultiheadAttention", () => {
    const row = torch.attention;
    const layer = new MultiheadAttention(4, 2, { dtype: "float64" });
    load(layer, row.state);
    const [x, memory] = [float64(row.x, true), float64(row.memory, true)];
    const keyMask = tensor(row.keyMask, { dtype: "bool" });
    const [output, weights] = layer.forward(x, memory, memory, { keyMask });
    assertClose(output.value, row.output, exact);
    assertClose(weights.value, row.weights, exact);
    output.square().sum().add(weights.square().sum()).backward();
    assertClose(x.grad!.value, row.xGradient, exact);
    assertClose(memory.grad!.value, row.memoryGradient, exact);
    for (const [name, parameter] of layer.namedParameters())
      assertClose(parameter.grad!.value, row.gradients[name]!, exact);
  });

  test.each(torch.encoders.map((row) => [JSON.stringify(row.options), row] as const))(
    "TransformerEncoderLayer with %s",
    (_, row) => {
      const options = { ...row.options, hiddenSize: 6, dropout: 0, dtype: "float64" } as const;
      const layer = new TransformerEncoderLayer(4, 2, options);
      load(layer, row.state);
      const x = float64(row.x, true);
      const output = layer.forward(x);
      assertClose(output.value, row.output, exact);
      output.pow(3).sum().backward();
      assertClose(x.grad!.value, row.xGradient, exact);
    },
  );

  test.each(torch.decoders.map((row) => [JSON.stringify(row.options), row] as const))(
    "TransformerDecoderLayer with %s",
    (_, row) => {
      const options = { ...row.options, hiddenSize: 6, dropout: 0, dtype: "float64" } as const;
      const layer = new TransformerDecoderLayer(4, 2, options);
      load(layer, row.state);
      const [x, memory] = [float64(row.x, true), float64(row.memory, true)];
      const output = layer.forward(x, memory);
      assertClose(output.value, row.output, exact);
      output.pow(3).sum().backward();
      assertClose(x.grad!.value, row.xGradient, exact);
      assertClose(memory.grad!.value, row.memoryGradient, exact);
    },
  );
});

describe("MultiHeadAttention", () => {
  /** softmax(Q K^T / sqrt(D) + mask) V for one head, in plain numbers. */
  function byHand(
    q: number[][],
    k: number[][],
    v: number[][],
    sees: (i: number, j: number) => boolean,
  ) {
    return q.map((row, i) => {
      const scores = k.map((key, j) =>
        sees(i, j)
          ? key.reduce((sum, x, d) => sum + x * row[d]!, 0) / Math.sqrt(row.length)
          : -1e30,
      );
      const top = Math.max(...scores);
      const powers = scores.map((s) => Math.exp(s - top));
      const total = powers.reduce((a, b) => a + b);
      return v[0]!.map((_, d) => powers.reduce((sum, p, j) => sum + (p / total) * v[j]![d]!, 0));
    });
  }

  test.each([
    [false, 4, 4],
    [true, 4, 4],
    [true, 2, 5],
    [false, 3, 1],
  ])("with causal %s is the formula, %d queries and %d keys", (causal, queries, keys) => {
    const draw = (time: number): Tensor => randn([2, 3, time, 4], { dtype: "float64" });
    const [q, k, v] = [draw(queries), draw(keys), draw(keys)];
    const [output, probabilities] = new MultiHeadAttention({ causal }).forward(q, k, v);
    assertClose(probabilities.sum(-1).value, ones([2, 3, queries]).toArray(), exact);
    const list = (x: Tensor): number[][] => x.slice(1, 2).toArray() as number[][];
    const sees = (i: number, j: number): boolean => !causal || j <= i + keys - queries;
    assertClose(output.slice(1, 2).value, byHand(list(q), list(k), list(v), sees), exact);
  });

  test("takes masks of truth values and of numbers", () => {
    const x = randn([1, 1, 3, 2], { dtype: "float64" });
    const layer = new MultiHeadAttention();
    const bool = tensor([[true, false, true]]);
    const added = tensor([[0, -1e300, 0]], { dtype: "float64" });
    const [a, b] = [bool, added].map((mask) => layer.forward(x, x, x, { mask })[1]);
    assertClose(a!.value, b!.toArray() as NestedNumbers);
    expect((a!.slice(0, 0, ":", 1).toArray() as number[]).every((p) => p === 0)).toBe(true);
  });

  test("refuses what does not go together", () => {
    const layer = new MultiHeadAttention();
    const x = zeros([1, 2, 3, 4]);
    expect(() => layer.forward(zeros([2, 3]), x, x)).toThrow(
      "MultiHeadAttention: expected [batch,heads,time,dim] three times, got [2,3], [1,2,3,4] and [1,2,3,4]",
    );
    expect(() => layer.forward(zeros([1, 2, 3, 5]), x, x)).toThrow(
      "MultiHeadAttention: queries, keys and values do not go together, [1,2,3,5], [1,2,3,4] and [1,2,3,4]",
    );
    expect(() => new MultiheadAttention(5, 2)).toThrow(
      "MultiheadAttention: embedDim 5 is not a multiple of 2 heads",
    );
  });
});

describe("AttentionLayer", () => {
  test("draws projections of queries, keys, values and output in this order", () => {
    const layer = new AttentionLayer(3, 2, 4, { kFeatures: 5, vFeatures: 6, outFeatures: 7 });
    const drawn = layer.namedParameters().filter(([name]) => name.includes("Projection"));
    expect(drawn.map(([name, { shape }]) => [name, shape])).toEqual([
      ["qProjection.weight", [3, 8]],
      ["kProjection.weight", [5, 8]],
      ["vProjection.weight", [6, 8]],
      ["outProjection.weight", [8, 7]],
    ]);
    const [q, k, v] = [zeros([2, 3, 3]), zeros([2, 5, 5]), zeros([2, 5, 6])];
    expect(layer.forward(q, k, v).shape).toEqual([2, 3, 7]);
  });

  test("normalizes each input before it is projected", () => {
    const layer = new AttentionLayer(3, 1, 4);
    const x = randn([1, 2, 3]);
    assertClose(layer.forward(x.mul(50).add(7)).value, layer.forward(x).toArray(), {
      rtol: 1e-3,
      atol: 1e-4,
    });
  });
});

describe("TransformerLayer and Transformer", () => {
  test.each([false, true])("a causal layer does not see what comes later: %s", (causal) => {
    const layer = new TransformerLayer(6, 2, 3, 8, { causal });
    const x = randn([1, 4, 6]);
    const changed = x.clone();
    changed.value.slice(0, 3).assign(9);
    const [a, b] = [layer.forward(x), layer.forward(changed)];
    const same =
      a
        .slice(0, [0, 3])
        .eq(b.slice(0, [0, 3]))
        .all()
        .item() === 1;
    expect(same).toBe(causal);
  });

  test("has the course's parameters", () => {
    const model = new Transformer(27, 64, 2, { numHead: 8, dimHead: 32, sequenceLen: 100 });
    const perLayer = 3 * 2 * 27 + 4 * 27 * 256 + 2 * 27 + (27 * 64 + 64) + (64 * 27 + 27);
    const total = model.parameters().reduce((sum, { size }) => sum + size, 0);
    expect(total).toBe(100 * 27 + 2 * perLayer);
    expect(model.namedParameters()[0]![0]).toBe("positions.weight");
  });

  test("takes batches first or second", () => {
    const options = { numHead: 2, dimHead: 3, sequenceLen: 8 };
    const first = new Transformer(6, 8, 2, { ...options, batchFirst: true });
    const second = new Transformer(6, 8, 2, options);
    second.loadStateDict(first.stateDict());
    const x = randn([2, 5, 6]);
    const [output, state] = second.forward(x.transpose(0, 1));
    assertClose(output.transpose(0, 1).value, first.forward(x)[0].toArray());
    expect(state.shape).toEqual([5, 2, 6]);
    expect(state.any().item()).toBe(0);
  });

  test("generates with a cache what it computes at once", () => {
    const options = { numHead: 2, dimHead: 3, sequenceLen: 8, batchFirst: true };
    const model = new Transformer(6, 8, 2, options);
    const x = randn([2, 5, 6]);
    const [whole] = model.forward(x);
    const before = memory().buffers;
    const cache = new KeyValueCache();
    noGrad(() => {
      for (const [from, to] of [
        [0, 2],
        [2, 3],
        [3, 5],
      ] as const) {
        const [part] = model.forward(x.slice(":", [from, to]), null, { cache });
        assertClose(part.value, whole.slice(":", [from, to]).toArray(), { rtol: 1e-4, atol: 1e-5 });
      }
    });
    expect(cache.length).toBe(5);
    cache.dispose();
    expect(memory().buffers).toBe(before);
    expect(cache.length).toBe(0);
  });

  test("keeps memory flat while generating", () => {
    const options = { numHead: 2, dimHead: 3, sequenceLen: 64, batchFirst: true };
    const model = new Transformer(6, 8, 2, options);
    const cache = new KeyValueCache();
    const x = randn([1, 1, 6]);
    let live = 0;
    for (let i = 0; i < 60; i++) {
      scope(() => noGrad(() => model.forward(x, null, { cache })[0].sum().item()));
      if (i === 1) live = memory().buffers;
    }
    expect(memory().buffers).toBe(live);
    cache.dispose();
  });

  test("refuses more steps than it has positions for", () => {
    const model = new Transformer(6, 8, 1, { numHead: 1, dimHead: 2, sequenceLen: 4 });
    expect(() => model.forward(zeros([5, 1, 6]))).toThrow(
      "Transformer: 5 steps, at most 4 have a position\nRaise sequenceLen, or shorten the input.",
    );
    expect(() => model.forward(zeros([5, 6]))).toThrow(
      "Transformer: expected [time,batch,6], got [5,6]",
    );
  });
});

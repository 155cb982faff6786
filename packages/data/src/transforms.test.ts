import { type Tensor, tensor } from "@needle/autograd";
import { memory } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { ArrayDataset, type Dataset } from "./dataset.ts";
import { failure } from "./failure.fixture.ts";
import { DataLoader } from "./loader.ts";
import { transformed } from "./transforms.ts";

const data = new ArrayDataset(tensor([1, 2, 3, 4]), tensor([0, 1, 0, 1]));
const two = new Int32Array([0, 2]);

describe("transformed", () => {
  test("applies functions to each batch, from left to right", () => {
    const changed = transformed(
      data,
      ([x, y]) => [x.add(1), y],
      ([x, y]) => [x.mul(10), y],
    );
    expect(changed.length).toBe(4);
    expect(changed.batch(two).map(String)).toEqual(["[20. 40.]", "[0. 0.]"]);
  });

  test("is the dataset itself without functions", () => {
    expect(transformed(data).batch(two).map(String)).toEqual(["[1. 3.]", "[0. 0.]"]);
  });

  test("frees what functions make and do not return", () => {
    const changed = transformed(data, ([x, y]) => [
      x.add(1).mul(2).astype("float32").reshape([2, 1]),
      y.add(1),
    ]);
    const before = memory().buffers;
    const batch = changed.batch(two);
    expect(batch[0].toArray()).toEqual([[4], [8]]);
    expect(memory().buffers).toBe(before + 2);
    for (const tensor of batch) tensor.dispose();
    expect(memory().buffers).toBe(before);
  });

  test("keeps an array that a function only wraps again", () => {
    const changed = transformed(data, ([x, y]) => [x.astype("float32"), y]);
    expect(changed.batch(two)[0].toArray()).toEqual([1, 3]);
  });

  test("leaves tensors of the dataset alone that are kept", () => {
    const whole = tensor([5, 6]).keep();
    const source: Dataset<[Tensor]> = { length: 1, batch: () => [whole] };
    const changed = transformed(source, ([x]) => [x.mul(2)]);
    for (let pass = 0; pass < 2; pass++) expect(changed.batch(two)[0].toArray()).toEqual([10, 12]);
  });

  test("lets a dataset fill its fields while it makes a batch", () => {
    const lazy = {
      length: 2,
      table: null as Tensor | null,
      batch(): [Tensor] {
        this.table ??= tensor([1, 2]);
        return [this.table.mul(3)];
      },
    };
    const loader = new DataLoader(
      transformed(lazy, ([x]) => [x.add(1)]),
      { batchSize: 1 },
    );
    for (const [x] of loader) expect(x.toArray()).toEqual([4, 7]);
    expect(lazy.table?.toArray()).toEqual([1, 2]);
  });

  test("runs without gradients", () => {
    const weight = tensor(2, { requiresGrad: true });
    const [x] = transformed(data, ([x, y]) => [x.mul(weight), y]).batch(two);
    expect(x.requiresGrad).toBe(false);
  });

  test("frees the batch when a function throws", async () => {
    const before = memory().buffers;
    const changed = transformed(data, ([x]) => {
      x.mul(2);
      throw new Error("no");
    });
    expect(await failure(() => changed.batch(two))).toBe("Error: no");
    expect(memory().buffers).toBe(before);
  });
});

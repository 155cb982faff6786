import { type Tensor, tensor } from "@needle/autograd";
import { array, memory, scope } from "@needle/ndarray";
import { describe, expect, expectTypeOf, test } from "vitest";
import { ArrayDataset } from "./dataset.ts";
import { failure } from "./failure.fixture.ts";

const x = tensor([
  [1, 2],
  [3, 4],
  [5, 6],
]);
const y = array([10, 20, 30], { dtype: "int32" });
const data = new ArrayDataset(x, y);

describe("ArrayDataset", () => {
  test("stacks the rows asked for, in their order, repeated ones too", () => {
    const [rows, labels] = data.batch(new Int32Array([2, 0, 2, -2]));
    expect(rows.toArray()).toEqual([
      [5, 6],
      [1, 2],
      [5, 6],
      [3, 4],
    ]);
    expect(labels.toArray()).toEqual([30, 10, 30, 20]);
    expect(labels.dtype).toBe("int32");
  });

  test("gives batches with one tensor for each array", () => {
    expectTypeOf(data.batch(new Int32Array(1))).toEqualTypeOf<readonly [Tensor, Tensor]>();
    expect(new ArrayDataset(x, y, x).batch(new Int32Array(1)).length).toBe(3);
  });

  test("takes rows of any rank, also from views", () => {
    const images = array([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ]);
    const turned = new ArrayDataset(images.permute([2, 1, 0]));
    expect(turned.batch(new Int32Array([1]))[0].toArray()).toEqual([
      [
        [2, 6],
        [4, 8],
      ],
    ]);
  });

  test("gives an empty batch for no positions", () => {
    expect(data.batch(new Int32Array(0))[0].shape).toEqual([0, 2]);
  });

  test("gives single items without the batch axis", () => {
    const [row, label] = data.get(1);
    expect(row.toArray()).toEqual([3, 4]);
    expect(label.shape).toEqual([]);
    expect(data.get(-1)[1].item()).toBe(30);
  });

  test("does not share memory between its arrays and what it gives", () => {
    data.batch(new Int32Array([0]))[0].assign(-1);
    data.get(0)[0].assign(-1);
    expect(x.toArray()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  test("slices without copying", () => {
    const before = memory().buffers;
    const last = data.slice(1);
    expect(memory().buffers).toBe(before);
    expect(last.length).toBe(2);
    expect(last.batch(new Int32Array([0]))[1].toArray()).toEqual([20]);
    expect([data.slice(0, 2).length, data.slice(-1).length, data.slice(2, 99).length]).toEqual([
      2, 1, 1,
    ]);
    expectTypeOf(last).toEqualTypeOf<typeof data>();
  });

  test("leaves nothing behind but what it gives", () => {
    const before = memory().buffers;
    for (const tensor of [...data.batch(new Int32Array([1])), ...data.get(1)]) tensor.dispose();
    expect(memory().buffers).toBe(before);
  });

  test("survives the scope it was made in", () => {
    const made = scope(() => new ArrayDataset(tensor([1, 2]), tensor([3, 4])).slice(1));
    expect(made.get(0)[1].item()).toBe(4);
  });
});

describe("ArrayDataset says what is wrong", () => {
  test("no arrays", async () => {
    expect(await failure(() => new ArrayDataset())).toBe(
      "ArgumentError: ArrayDataset: needs at least one array",
    );
  });

  test("what is no array", async () => {
    expect(await failure(() => new ArrayDataset([1, 2] as unknown as Tensor))).toBe(
      "ArgumentError: ArrayDataset: what it holds must be a tensor or an NDArray, got [1,2]\nMake one with tensor(...).",
    );
  });

  test("unequal first sizes", async () => {
    expect(await failure(() => new ArrayDataset(x, tensor([1, 2])))).toBe(
      "ShapeError: ArrayDataset: arrays need the same first size, got [3,2] and [2]",
    );
    expect(await failure(() => new ArrayDataset(tensor(1)))).toBe(
      "ShapeError: ArrayDataset: arrays need the same first size, got []",
    );
  });

  test("positions outside", async () => {
    expect(await failure(() => data.batch(new Int32Array([0, 3])))).toBe(
      "IndexError: batch: index 3 is out of range for 3 items",
    );
    expect(await failure(() => data.get(-4))).toBe(
      "IndexError: get: index -4 is out of range for 3 items",
    );
    expect(await failure(() => data.get(0.5))).toBe(
      "IndexError: get: index 0.5 is out of range for 3 items",
    );
    expect(await failure(() => data.slice(0, 1).get(1))).toBe(
      "IndexError: get: index 1 is out of range for 1 item",
    );
  });
});

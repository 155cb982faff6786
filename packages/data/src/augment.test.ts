import { arange, type Tensor, tensor, zeros } from "@needle/autograd";
import { memory, NumpyGenerator, Philox } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { randomCrop, randomFlipHorizontal } from "./augment.ts";
import { ArrayDataset } from "./dataset.ts";
import { failure } from "./failure.fixture.ts";
import { transformed } from "./transforms.ts";

type Images = number[][][][];

/** `n` images of `channels` channels, each pixel another number from 1. */
function counted(n: number, channels: number, height: number, width: number): Tensor {
  return arange(1, n * channels * height * width + 1).reshape([n, channels, height, width]);
}

function nhwc(x: Tensor): Tensor {
  return x.permute([0, 2, 3, 1]);
}

// NumPy: np.random.seed(0); [np.random.rand() < 0.5 for _ in range(6)]
const flipped = [false, false, false, false, true, false];

// NumPy: np.random.seed(0); [np.random.randint(-3, 4, size=2) for _ in range(4)]
const shifts = [
  [1, 2],
  [-3, 0],
  [0, 0],
  [-2, 0],
] as const;

describe("randomFlipHorizontal", () => {
  const x = counted(6, 2, 2, 3);
  const expected = (x.toArray() as Images).map((image, i) =>
    flipped[i] ? image.map((channel) => channel.map((row) => row.toReversed())) : image,
  );

  test("mirrors the images that the course's generator picks", () => {
    const [y] = randomFlipHorizontal(0.5, { generator: new NumpyGenerator(0) })([x]);
    expect(y.toArray()).toEqual(expected);
  });

  test("does the same where channels are last", () => {
    const generator = new NumpyGenerator(0);
    const [y] = randomFlipHorizontal(0.5, { generator, layout: "nhwc" })([nhwc(x)]);
    expect(y.permute([0, 3, 1, 2]).toArray()).toEqual(expected);
  });

  test("mirrors all with 1 and none with 0", () => {
    expect(randomFlipHorizontal(0)([x])[0].toArray()).toEqual(x.toArray());
    expect(randomFlipHorizontal(1)([x])[0].toArray()).toEqual(x.flip(3).toArray());
  });

  test("mirrors about half of many images", () => {
    const many = tensor([0, 1]).broadcastTo([2000, 1, 1, 2]);
    const [y] = randomFlipHorizontal(0.5, { generator: new Philox(1) })([many]);
    const share = y.slice([], 0, 0, 0).mean().item();
    // Four standard deviations.
    expect(Math.abs(share - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 2000));
  });

  test("refuses what is no probability", async () => {
    for (const p of [-0.1, 1.5, Number.NaN]) {
      expect(await failure(() => randomFlipHorizontal(p))).toBe(
        `ArgumentError: randomFlipHorizontal: p must be from 0 to 1, got ${p}`,
      );
    }
  });
});

describe("randomCrop", () => {
  const [height, width] = [4, 5];
  const x = counted(4, 2, height, width);
  // Row i of the result is row i + shift of the image, 0 outside of it.
  const expected = (x.toArray() as Images).map((image, n) =>
    image.map((channel) =>
      channel.map((row, i) =>
        row.map((_, j) => channel[i + shifts[n]![0]]?.[j + shifts[n]![1]] ?? 0),
      ),
    ),
  );

  test("shifts each image as the course's generator says, zeros coming in", () => {
    const [y] = randomCrop(3, { generator: new NumpyGenerator(0) })([x]);
    expect(y.toArray()).toEqual(expected);
  });

  test("does the same where channels are last", () => {
    const generator = new NumpyGenerator(0);
    const [y] = randomCrop(3, { generator, layout: "nhwc" })([nhwc(x)]);
    expect(y.permute([0, 3, 1, 2]).toArray()).toEqual(expected);
  });

  test("leaves images as they are without padding", () => {
    expect(randomCrop(0)([x])[0].toArray()).toEqual(x.toArray());
  });

  test("shifts by every number of rows and columns up to the padding", () => {
    const generator = new Philox(3);
    const point = zeros([500, 1, 3, 3]);
    point.value.slice([], 0, 1, 1).assign(1);
    const [y] = randomCrop(1, { generator })([point]);
    // Where the middle goes tells the shift; all nine come about as often.
    const counts = (y.sum(0).toArray() as number[][][])[0]!.flat();
    for (const count of counts) expect(Math.abs(count - 500 / 9)).toBeLessThan(4 * 7.1);
  });

  test("refuses what is no number of pixels", async () => {
    for (const padding of [-1, 1.5, Number.NaN]) {
      expect(await failure(() => randomCrop(padding))).toBe(
        `ArgumentError: randomCrop: padding must be a whole number of at least 0, got ${padding}`,
      );
    }
  });
});

describe("both", () => {
  test("keep the dtype of the images and the other fields", () => {
    const images = tensor([[[[1, 2]]]], { dtype: "uint8" });
    const labels = tensor([7], { dtype: "int32" });
    for (const change of [randomFlipHorizontal(), randomCrop()]) {
      const [x, y] = change([images, labels]);
      expect([x.dtype, x.shape]).toEqual(["uint8", [1, 1, 1, 2]]);
      expect(y).toBe(labels);
    }
  });

  test("take batches of no images", () => {
    const none = zeros([0, 3, 4, 4]);
    for (const change of [randomFlipHorizontal(), randomCrop()]) {
      expect(change([none])[0].shape).toEqual([0, 3, 4, 4]);
    }
  });

  test("change the batches of a dataset and leave nothing else behind", () => {
    const data = new ArrayDataset(counted(4, 1, 3, 3), tensor([0, 1, 2, 3]));
    const changed = transformed(data, randomFlipHorizontal(), randomCrop(1));
    const before = memory().buffers;
    const batch = changed.batch(new Int32Array([3, 1]));
    expect(batch[0].shape).toEqual([2, 1, 3, 3]);
    expect(batch[1].toArray()).toEqual([3, 1]);
    expect(memory().buffers).toBe(before + 2);
  });

  test("refuse images without a batch axis, and layouts there are none of", async () => {
    const image = zeros([3, 4, 4]);
    expect(await failure(() => randomCrop(1)([image]))).toBe(
      "ShapeError: randomCrop: expected images [n,c,h,w], got [3,4,4]",
    );
    const last = randomFlipHorizontal(1, { layout: "nhwc" });
    expect(await failure(() => last([image]))).toBe(
      "ShapeError: randomFlipHorizontal: expected images [n,h,w,c], got [3,4,4]",
    );
    expect(await failure(() => randomCrop(1, { layout: "chw" as "nchw" }))).toBe(
      'ArgumentError: randomCrop: layout must be "nchw" or "nhwc", got "chw"',
    );
  });
});

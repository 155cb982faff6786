import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memory, zeros } from "@needle/ndarray";
import { afterEach, describe, expect, test } from "vitest";
import { failure } from "../failure.fixture.ts";
import { parseCifar10 } from "../formats/cifar.ts";
import { DataLoader } from "../loader.ts";
import { Cifar10Dataset, type Cifar10Files, cifar10 } from "./cifar10.ts";

const record = 3073;
const again = "The file is damaged or not one of CIFAR-10's binary version: get it again.";

/** A file with these labels; byte `i` of the pixels of image `n` is `(first + n + 3 * i) % 256`. */
function encode(labels: readonly number[], first = 0): Uint8Array {
  const bytes = new Uint8Array(labels.length * record);
  labels.forEach((label, n) => {
    bytes[n * record] = label;
    for (let i = 0; i < 3072; i++) bytes[n * record + 1 + i] = first + n + 3 * i;
  });
  return bytes;
}

const batches = [[0, 1], [2, 3], [4], [5, 6, 7], [8]].map((labels, i) => encode(labels, 10 * i));
const files: Cifar10Files = { train: batches, test: encode([9, 0, 9], 100) };

const folders: string[] = [];
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

/** A new folder with the six files. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "cifar-"));
  folders.push(path);
  batches.forEach((bytes, i) => void writeFileSync(join(path, `data_batch_${i + 1}.bin`), bytes));
  writeFileSync(join(path, "test_batch.bin"), files.test);
  return path;
}

describe("cifar10", () => {
  test("reads the files of a folder in order, as it reads their bytes", async () => {
    for (const from of [folder(), files]) {
      const { train, test: rest } = await cifar10(from);
      expect(train.labels.toArray()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(rest.labels.toArray()).toEqual([9, 0, 9]);
      expect(train.pixels.shape).toEqual([9, 3, 32, 32]);
      expect(rest.length).toBe(3);
      // Image 6 is the second of the fourth file.
      expect(train.pixels.slice(6, 0, 0, [0, 3]).toArray()).toEqual([31, 34, 37]);
      expect(rest.pixels.slice(2, 0, 0, 0).item()).toBe(102);
    }
  });

  test("gives planes of red, green and blue, row by row, from 0 to 1", async () => {
    const { test: rest } = await cifar10(files);
    const [images, labels] = rest.batch(new Int32Array([1, 0]));
    expect([images.shape, images.dtype, labels.dtype]).toEqual([
      [2, 3, 32, 32],
      "float32",
      "int32",
    ]);
    expect(labels.toArray()).toEqual([0, 9]);
    for (const [channel, row, column] of [
      [0, 0, 0],
      [1, 0, 5],
      [2, 31, 31],
    ] as const) {
      const byte = (101 + 3 * (channel * 1024 + row * 32 + column)) % 256;
      expect(images.slice(0, channel, row, column).item()).toBeCloseTo(byte / 255, 6);
    }
  });

  test("loads the first so many of each part only, across files", async () => {
    const { train, test: rest } = await cifar10(files, { limit: 3 });
    expect(train.labels.toArray()).toEqual([0, 1, 2]);
    expect(train.pixels.slice(2, 0, 0, 0).item()).toBe(10);
    expect(rest.length).toBe(3);
  });

  test("is a dataset of as many images as the loader asks for, and slices", async () => {
    const { train } = await cifar10(files);
    const sizes = [];
    for (const [images] of new DataLoader(train, { batchSize: 4 })) sizes.push(images.shape[0]);
    expect(sizes).toEqual([4, 4, 1]);
    expect(train.slice(2, 4).labels.toArray()).toEqual([2, 3]);
    expect(train.classes).toBe(10);
  });

  test("names the file that is missing", async () => {
    const path = folder();
    rmSync(join(path, "data_batch_4.bin"));
    expect(await failure(() => cifar10(path))).toMatch(
      /^ArgumentError: cifar10: cannot read \S+\/data_batch_4\.bin \(ENOENT.*\)\nPass the folder cifar-10-batches-bin of the binary version\.$/,
    );
  });

  test("names the file that is cut off, before it reads any", async () => {
    const path = folder();
    const file = join(path, "test_batch.bin");
    truncateSync(file, 2 * record + 100);
    const before = memory().buffers;
    expect(await failure(() => cifar10(path))).toBe(
      `FormatError: cifar10: ${file}: 6246 bytes are 2 records of 3073 and 100 bytes over\n${again}`,
    );
    expect(memory().buffers).toBe(before);
  });

  test("names the file that is far too large, without reading it", async () => {
    const path = folder();
    const file = join(path, "data_batch_2.bin");
    truncateSync(file, 2 ** 40);
    expect(await failure(() => cifar10(path))).toBe(
      `FormatError: cifar10: ${file}: 1099511627776 bytes, more than the 30730000 of 10000 images\n${again}`,
    );
  });

  test("refuses labels above 9 and frees what it had loaded", async () => {
    const before = memory().buffers;
    const train = [encode([1, 2]), encode([3, 10])];
    expect(await failure(() => cifar10({ train, test: files.test }))).toBe(
      `FormatError: cifar10: train[1]: label 10 at position 1, expected 0 to 9\n${again}`,
    );
    expect(memory().buffers).toBe(before);
  });

  test.each([0, 1.5, Number.NaN])("refuses a limit of %d", async (limit) => {
    expect(await failure(() => cifar10(files, { limit }))).toBe(
      `ArgumentError: cifar10: limit must be a whole number of at least 1, got ${limit}\nLeave it out to load all.`,
    );
  });

  test("refuses bytes that are none", async () => {
    const { test: rest } = files;
    expect(await failure(() => cifar10({ train: [], test: rest }))).toBe(
      "ArgumentError: cifar10: train must be a list of at least one file's bytes, got []",
    );
    const text = "bytes" as unknown as Uint8Array;
    expect(await failure(() => cifar10({ train: [rest, text], test: rest }))).toBe(
      'ArgumentError: cifar10: train[1] must be a Uint8Array, got "bytes"\n' +
        "An ArrayBuffer becomes one with new Uint8Array(buffer).",
    );
  });
});

test("parseCifar10 reads one file and refuses others", async () => {
  const { images, labels } = parseCifar10(encode([3, 9], 7));
  expect([images.dtype, images.shape]).toEqual(["uint8", [2, 3, 32, 32]]);
  expect(images.slice(1, 0, 0, [0, 2]).toArray()).toEqual([8, 11]);
  expect(labels.toArray()).toEqual([3, 9]);
  const wrong: [Uint8Array, string][] = [
    [new Uint8Array(0), "empty"],
    [new Uint8Array(3072), "3072 bytes are 0 records of 3073 and 3072 bytes over"],
    [encode([0, 255]), "label 255 at position 1, expected 0 to 9"],
  ];
  for (const [bytes, problem] of wrong) {
    expect(await failure(() => parseCifar10(bytes, { name: "batch.bin" }))).toBe(
      `FormatError: parseCifar10: batch.bin: ${problem}\n${again}`,
    );
  }
});

test("Cifar10Dataset refuses arrays of another form", async () => {
  const labels = zeros([2], { dtype: "int32" });
  expect(
    await failure(() => new Cifar10Dataset(zeros([2, 32, 32, 3], { dtype: "uint8" }), labels)),
  ).toBe(
    "ShapeError: Cifar10Dataset: needs uint8 [n,3,32,32] and int32 [n], got uint8 [2,32,32,3] and int32 [2]",
  );
});

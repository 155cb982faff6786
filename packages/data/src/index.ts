/** Datasets, transforms and loaders, and the file formats they come from. */
export { ArrayDataset, type BatchOf, type Dataset } from "./dataset.ts";
export {
  fashionMnist,
  MnistDataset,
  type MnistLayout,
  type MnistOptions,
  type MnistParts,
  mnist,
} from "./datasets/mnist.ts";
export type { MnistFiles } from "./datasets/mnist-files.ts";
export { type GunzipOptions, gunzip } from "./formats/gzip.ts";
export { type IdxOptions, parseIdx } from "./formats/idx.ts";
export { DataLoader, type DataLoaderOptions } from "./loader.ts";
export { batchify, getBatch } from "./text/batches.ts";
export { Corpus, type CorpusOptions } from "./text/corpus.ts";
export { CharacterTokenizer, Dictionary } from "./text/dictionary.ts";
export { type Transform, transformed } from "./transforms.ts";

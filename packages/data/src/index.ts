/** Datasets, transforms and loaders, and the file formats they come from. */
export {
  type AugmentOptions,
  type ImageTransform,
  randomCrop,
  randomFlipHorizontal,
} from "./augment.ts";
export { ArrayDataset, type BatchOf, type Dataset } from "./dataset.ts";
export {
  Cifar10Dataset,
  type Cifar10Files,
  type Cifar10Options,
  cifar10,
} from "./datasets/cifar10.ts";
export {
  fashionMnist,
  MnistDataset,
  type MnistLayout,
  type MnistOptions,
  type MnistParts,
  mnist,
} from "./datasets/mnist.ts";
export type { MnistFiles } from "./datasets/mnist-files.ts";
export { type Cifar10ParseOptions, parseCifar10 } from "./formats/cifar.ts";
export { type GunzipOptions, gunzip } from "./formats/gzip.ts";
export { type IdxOptions, parseIdx } from "./formats/idx.ts";
export {
  formatSafetensors,
  parseSafetensors,
  type Safetensors,
  type SafetensorsOptions,
  type Savable,
} from "./formats/safetensors.ts";
export { DataLoader, type DataLoaderOptions } from "./loader.ts";
export { batchify, getBatch } from "./text/batches.ts";
export { Corpus, type CorpusOptions } from "./text/corpus.ts";
export { CharacterTokenizer, Dictionary } from "./text/dictionary.ts";
export { type Transform, transformed } from "./transforms.ts";

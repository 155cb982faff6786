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
export { type Transform, transformed } from "./transforms.ts";

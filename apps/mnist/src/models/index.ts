/**
 * The models, by the name `--model` takes, and what each is trained with unless flags say
 * otherwise.
 */
import { mlpByHand, softmaxByHand } from "./by-hand.ts";
import { convolutional, mlp, resnet, softmax } from "./framework.ts";
import type { ModelEntry } from "./model.ts";

/** What `--model` can be. */
export type ModelName =
  | "softmax-by-hand"
  | "mlp-by-hand"
  | "softmax"
  | "mlp"
  | "mlp-resnet"
  | "cnn";

export const models: Readonly<Record<ModelName, ModelEntry>> = {
  "softmax-by-hand": {
    summary: "softmax regression, its gradient derived on paper",
    epochs: 3,
    batchSize: 100,
    lr: { sgd: 0.2 },
    hidden: null,
    tunable: false,
    biasOptional: false,
    create: softmaxByHand,
  },
  "mlp-by-hand": {
    summary: "two layers without biases, their gradient derived on paper",
    epochs: 3,
    batchSize: 100,
    lr: { sgd: 0.2 },
    hidden: 128,
    tunable: false,
    biasOptional: false,
    create: mlpByHand,
  },
  softmax: {
    summary: "softmax regression with the framework",
    epochs: 3,
    batchSize: 100,
    lr: { sgd: 0.2, adam: 0.001 },
    hidden: null,
    tunable: true,
    biasOptional: false,
    create: softmax,
  },
  mlp: {
    summary: "linear, ReLU, linear",
    epochs: 3,
    batchSize: 100,
    lr: { adam: 0.003, sgd: 0.2 },
    hidden: 128,
    tunable: true,
    biasOptional: true,
    create: mlp,
  },
  "mlp-resnet": {
    summary: "three residual blocks with BatchNorm and Dropout",
    epochs: 3,
    batchSize: 100,
    lr: { adam: 0.001, sgd: 0.2 },
    hidden: 100,
    tunable: true,
    biasOptional: false,
    create: resnet,
  },
  cnn: {
    summary: "two convolutions, a pool and two linear layers, with moved images: 99 % right",
    epochs: 5,
    batchSize: 100,
    lr: { adam: 0.002, sgd: 0.05 },
    hidden: 128,
    tunable: true,
    biasOptional: false,
    create: convolutional,
  },
};

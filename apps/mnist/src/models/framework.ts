/** The framework's models as learners: a module, cross-entropy and an optimizer. */
import { noGrad, type Tensor } from "@needle/autograd";
import { type NDArray, scope } from "@needle/ndarray";
import { crossEntropy, type Layer, Linear, ReLU, Sequential, summary } from "@needle/nn";
import { Adam, cosine, type Optimizer, type Schedule, Scheduler, SGD } from "@needle/optim";
import { initialWeights } from "../by-hand/mlp.ts";
import { cnn, moved } from "./cnn.ts";
import { mlpResNet } from "./mlp-resnet.ts";
import {
  classes,
  type Learner,
  type ModelSettings,
  type OptimizerName,
  pixels,
  side,
} from "./model.ts";

const optimizers: Readonly<
  Record<OptimizerName, (parameters: Tensor[], settings: ModelSettings) => Optimizer>
> = {
  sgd: (parameters, { lr, momentum, weightDecay }) =>
    new SGD(parameters, { lr, momentum, weightDecay }),
  adam: (parameters, { lr, weightDecay }) => new Adam(parameters, { lr, weightDecay }),
};

/** Softmax regression, from zeros: one linear layer without a bias. */
export function softmax(settings: ModelSettings): Learner {
  const layer = new Linear(pixels, classes, { bias: false });
  layer.weight.assign(0);
  return learner(layer, settings);
}

/**
 * Two linear layers with a ReLU between them. Without biases it starts from the weights of
 * `mlp-by-hand`.
 */
export function mlp(settings: ModelSettings): Learner {
  const { bias, hidden } = settings;
  if (!bias) return learner(plainMlp(...initialWeights(pixels, hidden, classes)), settings);
  const layers = [new Linear(pixels, hidden), new ReLU(), new Linear(hidden, classes)];
  return learner(new Sequential(...layers), settings);
}

/** The network of `by-hand/mlp.ts`: two layers without biases, with copies of the weights given. */
function plainMlp(W1: NDArray, W2: NDArray): Sequential {
  return new Sequential(linearWith(W1), new ReLU(), linearWith(W2));
}

function linearWith(weight: NDArray): Linear {
  const layer = new Linear(weight.shape[0]!, weight.shape[1]!, { bias: false });
  layer.loadStateDict({ weight });
  return layer;
}

/** The course's residual network. */
export function resnet(settings: ModelSettings): Learner {
  return learner(mlpResNet(pixels, { hidden: settings.hidden, classes }), settings);
}

/**
 * Two convolutions, a pool and two linear layers, which learn from images moved by up to two pixels
 * and, where training has an end, with a learning rate that falls to nothing along a half cosine.
 */
export function convolutional(settings: ModelSettings): Learner {
  const { hidden, steps } = settings;
  const model = cnn(side, { hidden, classes });
  const schedule = steps === undefined ? constant : cosine({ length: steps });
  return learner(model, settings, { change: moved, schedule });
}

const constant: Schedule = () => 1;

/** What a model learns with beside its optimizer. */
interface Recipe {
  /** Changes the images that it learns from. */
  readonly change?: (images: Tensor) => Tensor;
  /** How the learning rate goes on from step to step. */
  readonly schedule?: Schedule;
}

const plain: Recipe = {};

/** What a training loop does with one batch. */
function learner(model: Layer, settings: ModelSettings, recipe = plain): Learner {
  const { change = (images) => images, schedule = constant } = recipe;
  const optimizer = optimizers[settings.optimizer](model.parameters(), settings);
  const scheduler = new Scheduler(optimizer, schedule);
  return {
    step(images, labels) {
      model.train();
      optimizer.resetGrad();
      const loss = scope(() => crossEntropy(model.forward(change(images)), labels));
      loss.backward();
      optimizer.step();
      scheduler.step();
      return loss;
    },
    scores(images) {
      model.eval();
      return noGrad(() => model.forward(images));
    },
    summary: () => String(summary(model, [1, pixels])),
    weights: () => model.parameters()[0]!.value,
    state: () =>
      Object.fromEntries(
        [...model.namedParameters(), ...model.namedBuffers()].map(([name, { value }]) => [
          name,
          value,
        ]),
      ),
  };
}

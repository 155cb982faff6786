/** The framework's models as learners: a module, cross-entropy and an optimizer. */
import { noGrad, type Tensor } from "@needle/autograd";
import type { NDArray } from "@needle/ndarray";
import { crossEntropy, type Layer, Linear, ReLU, Sequential, summary } from "@needle/nn";
import { Adam, type Optimizer, SGD } from "@needle/optim";
import { initialWeights } from "../by-hand/mlp.ts";
import { cnn } from "./cnn.ts";
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

/** Two convolutions, a pool and two linear layers. */
export function convolutional({ hidden, ...settings }: ModelSettings): Learner {
  return learner(cnn(side, { hidden, classes }), { hidden, ...settings });
}

/** What a training loop does with one batch. */
function learner(model: Layer, settings: ModelSettings): Learner {
  const optimizer = optimizers[settings.optimizer](model.parameters(), settings);
  return {
    step(images, labels) {
      model.train();
      optimizer.resetGrad();
      const loss = crossEntropy(model.forward(images), labels);
      loss.backward();
      optimizer.step();
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

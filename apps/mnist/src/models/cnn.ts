/** A small convolutional network for digits, and how the digits it learns from are moved. */
import { noGrad, type Tensor } from "@needle/autograd";
import { randomCrop } from "@needle/data";
import {
  Conv2d,
  Dropout,
  Flatten,
  type Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  Unflatten,
} from "@needle/nn";

/** The size of the network. */
export interface CnnOptions {
  /** The width of the layer between the convolutions and the scores. Default 128. */
  readonly hidden?: number;
  /** Default 10. */
  readonly classes?: number;
}

/**
 * Two 3x3 convolutions of 32 and 64 channels, a maximum over 2x2 pixels, and two linear layers:
 * `[batch, side * side] -> [batch, classes]`. Dropout before each linear layer, of a quarter and a
 * half. The channels are last inside, which spares the images a change of layout.
 *
 * @param side - rows and columns of an image, at least 6.
 */
export function cnn(side: number, options: CnnOptions = {}): Sequential {
  const { hidden = 128, classes = 10 } = options;
  const layout = "NHWC";
  // Each convolution takes the image's border off.
  const pooled = Math.floor((side - 4) / 2);
  const layers: Layer[] = [
    new Unflatten(1, [side, side, 1]),
    new Conv2d(1, 32, 3, { layout }),
    new ReLU(),
    new Conv2d(32, 64, 3, { layout }),
    new ReLU(),
    new MaxPool2d(2, { layout }),
    new Flatten(),
    new Dropout(0.25),
    new Linear(64 * pooled * pooled, hidden),
    new ReLU(),
    new Dropout(0.5),
    new Linear(hidden, classes),
  ];
  return new Sequential(...layers);
}

const move = randomCrop(2, { layout: "nhwc" });

/**
 * Flat images `[batch, side * side]`, each moved by up to two rows and columns of its own: a digit
 * stays what it is, and the network cannot learn single pixels by heart.
 */
export function moved(images: Tensor): Tensor {
  const side = Math.sqrt(images.shape[1]!);
  return noGrad(() => move([images.reshape([-1, side, side, 1])])[0].reshape(images.shape));
}

/** Layers that normalize or gate along an axis. */
import type { Tensor } from "@needle/autograd";
import { args, ShapeError, showShape } from "@needle/ndarray";
import { showSettings } from "../settings.ts";
import { TensorModule } from "../tensor-module.ts";

/** A layer of an op along one axis, the last unless given. */
abstract class AlongAxis extends TensorModule {
  readonly axis: number;

  constructor(axis = -1) {
    super();
    args.check(new.target.name, "axis", axis, args.whole());
    this.axis = axis;
  }

  override describe(): string {
    return showSettings(this);
  }
}

/** Probabilities along one axis, the last unless given. */
export class Softmax extends AlongAxis {
  forward(x: Tensor): Tensor {
    return x.softmax(this.axis);
  }
}

/** The logarithms of probabilities along one axis, the last unless given. */
export class LogSoftmax extends AlongAxis {
  forward(x: Tensor): Tensor {
    return x.logSoftmax(this.axis);
  }
}

/** Probabilities of `-x` along one axis, the last unless given. */
export class Softmin extends AlongAxis {
  forward(x: Tensor): Tensor {
    return x.softmin(this.axis);
  }
}

/**
 * The first half along one axis, the last unless given, times the sigmoid of the second:
 * `[…, 2 n] -> […, n]`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { GLU } from "@needle/nn";
 * new GLU().forward(tensor([4, 6, 0, 1e4])); // => [2. 6.]
 */
export class GLU extends AlongAxis {
  forward(x: Tensor): Tensor {
    return x.glu(this.axis);
  }
}

/**
 * Probabilities over the channels of each pixel: `[batch, channels, h, w]` or `[channels, h, w]`.
 *
 * @throws ShapeError for inputs of other ranks.
 */
export class Softmax2d extends TensorModule {
  forward(x: Tensor): Tensor {
    if (x.ndim !== 3 && x.ndim !== 4) {
      const expected = "[batch,channels,h,w] or [channels,h,w]";
      throw new ShapeError("Softmax2d", `expected ${expected}, got ${showShape(x.shape)}`);
    }
    return x.softmax(-3);
  }
}

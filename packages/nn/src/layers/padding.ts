/** Margins around sequences `[…, channels, length]` and images `[…, channels, height, width]`. */
import type { Tensor } from "@needle/autograd";
import { ArgumentError, args, type PadOptions, ShapeError, show, showShape } from "@needle/ndarray";
import { showSettings } from "../settings.ts";
import { TensorModule } from "../tensor-module.ts";

/**
 * How wide a margin is: the same on all sides, or as PyTorch has it `[left, right]`, and for images
 * `[left, right, top, bottom]`.
 */
export type Margin = number | readonly number[];

const widthsKind = args.arrayOf(args.whole(0));

/** A margin around the last axes, one of sequences and two of images. */
abstract class Margins extends TensorModule {
  /** `[left, right]` and for images `[left, right, top, bottom]`. */
  readonly padding: readonly number[];
  readonly #content: PadOptions;

  /** @throws ArgumentError unless there are two widths, whole numbers of at least 0, an axis. */
  constructor(axes: 1 | 2, padding: Margin, content: PadOptions) {
    super();
    const widths = typeof padding === "number" ? Array(2 * axes).fill(padding) : padding;
    if (!widthsKind.holds(widths) || widths.length !== 2 * axes) {
      const expected = axes === 1 ? "[left,right]" : "[left,right,top,bottom]";
      const got = show(padding);
      const problem = `the padding is a whole number of at least 0 or ${expected}, got ${got}`;
      throw new ArgumentError(new.target.name, problem);
    }
    this.padding = widths;
    this.#content = content;
  }

  override describe(): string {
    return showSettings({ padding: this.padding, value: this.#content.value });
  }

  forward(x: Tensor): Tensor {
    const axes = this.padding.length / 2;
    if (x.ndim <= axes) {
      const expected = axes === 1 ? "[…,channels,length]" : "[…,channels,height,width]";
      throw new ShapeError(
        this.constructor.name,
        `expected ${expected}, got ${showShape(x.shape)}`,
      );
    }
    // The widths of the last axis come first.
    const widths = x.shape.map((_, axis): [number, number] => {
      const [before = 0, after = 0] = this.padding.slice(2 * (x.ndim - 1 - axis));
      return [before, after];
    });
    return x.pad(widths, this.#content);
  }
}

/** Zeros around sequences. */
export class ZeroPad1d extends Margins {
  constructor(padding: Margin) {
    super(1, padding, {});
  }
}

/**
 * The elements again in reverse, without the outermost, around sequences. As NumPy has it, a margin
 * wider than the sequence goes back and forth.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { ReflectionPad1d } from "@needle/nn";
 * new ReflectionPad1d(2).forward(tensor([[1, 2, 3]])); // => [[3. 2. 1. 2. 3. 2. 1.]]
 */
export class ReflectionPad1d extends Margins {
  constructor(padding: Margin) {
    super(1, padding, { mode: "reflect" });
  }
}

/** The outermost elements again and again around sequences. */
export class ReplicationPad1d extends Margins {
  constructor(padding: Margin) {
    super(1, padding, { mode: "replicate" });
  }
}

/** The elements of the other end around sequences. */
export class CircularPad1d extends Margins {
  constructor(padding: Margin) {
    super(1, padding, { mode: "circular" });
  }
}

/** One number around sequences. */
export class ConstantPad1d extends Margins {
  constructor(padding: Margin, value: number) {
    args.check(new.target.name, "value", value, args.number);
    super(1, padding, { value });
  }
}

/**
 * Zeros around images.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { ZeroPad2d } from "@needle/nn";
 * new ZeroPad2d([1, 0, 0, 0]).forward(tensor([[[5, 6]]])); // => [[[0. 5. 6.]]]
 */
export class ZeroPad2d extends Margins {
  constructor(padding: Margin) {
    super(2, padding, {});
  }
}

/** The elements again in reverse, without the outermost, around images. */
export class ReflectionPad2d extends Margins {
  constructor(padding: Margin) {
    super(2, padding, { mode: "reflect" });
  }
}

/** The outermost elements again and again around images. */
export class ReplicationPad2d extends Margins {
  constructor(padding: Margin) {
    super(2, padding, { mode: "replicate" });
  }
}

/** The elements of the other end around images. */
export class CircularPad2d extends Margins {
  constructor(padding: Margin) {
    super(2, padding, { mode: "circular" });
  }
}

/** One number around images. */
export class ConstantPad2d extends Margins {
  constructor(padding: Margin, value: number) {
    args.check(new.target.name, "value", value, args.number);
    super(2, padding, { value });
  }
}

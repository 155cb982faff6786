/** Margins around sequences `[…, channels, length]` and images `[…, channels, height, width]`. */
import type { Tensor } from "@needle/autograd";
import {
  ArgumentError,
  args,
  type PadMode,
  type PadOptions,
  ShapeError,
  show,
  showShape,
} from "@needle/ndarray";
import { showSettings } from "../settings.ts";
import { TensorModule } from "../tensor-module.ts";

/**
 * How wide a margin is: the same on all sides, or as PyTorch has it `[left, right]`, and for images
 * `[left, right, top, bottom]`.
 */
export type Margin = number | readonly number[];

const widthsKind = args.arrayOf(args.whole(0));

/** What is padded, and with what. */
interface Form {
  /** The last axes, which get margins. */
  readonly axes: 1 | 2;
  /** What the widths are called, and the axes of the input. */
  readonly widths: string;
  readonly input: string;
  /** Where the elements of the margin come from. Default zeros. */
  readonly mode?: PadMode;
}

const sequences = { axes: 1, widths: "[left,right]", input: "[…,channels,length]" } as const;
const images = {
  axes: 2,
  widths: "[left,right,top,bottom]",
  input: "[…,channels,height,width]",
} as const;

/** A margin around the last axes; a class states its form. */
abstract class Margins extends TensorModule {
  protected static readonly form: Form;
  /** `[left, right]` and for images `[left, right, top, bottom]`. */
  readonly padding: readonly number[];

  /** @throws ArgumentError unless there are two widths, whole numbers of at least 0, an axis. */
  constructor(padding: Margin) {
    super();
    const { axes, widths } = new.target.form;
    const all = typeof padding === "number" ? Array(2 * axes).fill(padding) : padding;
    if (!widthsKind.holds(all) || all.length !== 2 * axes) {
      const got = show(padding);
      const problem = `the padding is a whole number of at least 0 or ${widths}, got ${got}`;
      throw new ArgumentError(new.target.name, problem);
    }
    this.padding = all;
  }

  /** What the margin is filled with. */
  protected get content(): PadOptions {
    const { mode } = this.form;
    return { mode };
  }

  protected get form(): Form {
    return (this.constructor as typeof Margins).form;
  }

  override describe(): string {
    return showSettings({ padding: this.padding, value: this.content.value });
  }

  forward(x: Tensor): Tensor {
    const { axes, input } = this.form;
    if (x.ndim <= axes) {
      const problem = `expected ${input}, got ${showShape(x.shape)}`;
      throw new ShapeError(this.constructor.name, problem);
    }
    // The widths of the last axis come first.
    const widths = x.shape.map((_, axis): [number, number] => {
      const [before = 0, after = 0] = this.padding.slice(2 * (x.ndim - 1 - axis));
      return [before, after];
    });
    return x.pad(widths, this.content);
  }
}

/** A margin of one number. */
abstract class ConstantMargins extends Margins {
  readonly value: number;

  constructor(padding: Margin, value: number) {
    super(padding);
    args.check(new.target.name, "value", value, args.number);
    this.value = value;
  }

  protected override get content(): PadOptions {
    return { value: this.value };
  }
}

/** Zeros around sequences. */
export class ZeroPad1d extends Margins {
  protected static override readonly form: Form = sequences;
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
  protected static override readonly form: Form = { ...sequences, mode: "reflect" };
}

/** The outermost elements again and again around sequences. */
export class ReplicationPad1d extends Margins {
  protected static override readonly form: Form = { ...sequences, mode: "replicate" };
}

/** The elements of the other end around sequences. */
export class CircularPad1d extends Margins {
  protected static override readonly form: Form = { ...sequences, mode: "circular" };
}

/** One number around sequences. */
export class ConstantPad1d extends ConstantMargins {
  protected static override readonly form: Form = sequences;
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
  protected static override readonly form: Form = images;
}

/** The elements again in reverse, without the outermost, around images. */
export class ReflectionPad2d extends Margins {
  protected static override readonly form: Form = { ...images, mode: "reflect" };
}

/** The outermost elements again and again around images. */
export class ReplicationPad2d extends Margins {
  protected static override readonly form: Form = { ...images, mode: "replicate" };
}

/** The elements of the other end around images. */
export class CircularPad2d extends Margins {
  protected static override readonly form: Form = { ...images, mode: "circular" };
}

/** One number around images. */
export class ConstantPad2d extends ConstantMargins {
  protected static override readonly form: Form = images;
}

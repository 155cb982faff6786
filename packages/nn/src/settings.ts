/** Layers that are an op and its options, and how the settings of a layer are printed. */
import type { Tensor } from "@needle/autograd";
import { args } from "@needle/ndarray";
import { TensorModule } from "./tensor-module.ts";

/** A layer of an op with options, which are printed. A class states what they must be. */
export abstract class Configured<
  Options extends object,
  Inputs extends readonly Tensor[] = [x: Tensor],
> extends TensorModule<Inputs> {
  protected static readonly optionKinds: args.Kinds<object>;
  readonly options: Options | undefined;

  constructor(options?: Options) {
    super();
    if (options !== undefined) {
      const kinds = new.target.optionKinds as args.Kinds<Options>;
      args.checkOptions(new.target.name, options, kinds);
    }
    this.options = options;
  }

  override describe(): string {
    return showSettings(this.options);
  }
}

/** The backend is where a layer computes, not what. */
const hidden = new Set(["backend", "training"]);

/**
 * Settings as text, `stride=2, padding="same"`: numbers, strings, booleans and lists of them by the
 * names of their fields. What a module holds beside those is printed otherwise.
 */
export function showSettings(settings: object = {}): string {
  const shown = Object.entries(settings).filter(
    ([name, value]) => !hidden.has(name) && isPlain(value),
  );
  return shown.map(([name, value]) => `${name}=${showValue(value)}`).join(", ");
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  return ["number", "string", "boolean"].includes(typeof value);
}

/** As JSON has it, but for numbers, which may be infinite. */
function showValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showValue)}]`;
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

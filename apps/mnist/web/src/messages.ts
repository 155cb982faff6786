/** What the page and the worker tell each other. */

/** The choices that a training starts with. */
export interface Choices {
  readonly model: string;
  readonly optimizer: string;
  readonly lr: number;
  readonly batchSize: number;
}

/** A model that can be chosen. */
export interface ModelChoice {
  readonly name: string;
  readonly summary: string;
  readonly batchSize: number;
  /** The optimizers, each with its default learning rate; the first is the default. */
  readonly optimizers: readonly { readonly name: string; readonly lr: number }[];
}

/** What the page asks for. */
export type Request =
  /** The first: where the digits are. */
  | { readonly type: "load"; readonly folder: string }
  /** Begin again, with these choices. */
  | { readonly type: "reset"; readonly choices: Choices }
  | { readonly type: "start" }
  | { readonly type: "pause" }
  /** Learn from one batch. */
  | { readonly type: "step" }
  /** Give the model as a file. */
  | { readonly type: "save" }
  /** Go on with the model of a file. */
  | { readonly type: "open"; readonly name: string; readonly bytes: Uint8Array }
  /** What digit is this? `ink` is from 0 to 255, row after row; null forgets the drawing. */
  | { readonly type: "draw"; readonly ink: Uint8ClampedArray | null; readonly width: number };

/** Where a training stands; sent several times a second. */
export interface Standing {
  readonly running: boolean;
  readonly steps: number;
  /** Digits learned from, in all. */
  readonly seen: number;
  /** Digits learned from in a second, over the time since the last report. */
  readonly rate: number;
  /** The mean loss of the batches since the last report; null where there were none. */
  readonly trainLoss: number | null;
  /** The mean loss of the test. */
  readonly loss: number;
  /** The share of the test digits that are recognized. */
  readonly accuracy: number;
  /** How many test digits there were: some while it learns, all when it has stopped. */
  readonly tested: number;
  /** The share of some training digits that are recognized; null where they were not asked. */
  readonly trainAccuracy: number | null;
  /** What the first digits of the test are taken for. */
  readonly predictions: Uint8Array;
  /** How often digit i was taken for digit j, at `10 * i + j`. */
  readonly confusion: Uint32Array;
  readonly weights: Weights;
}

/** Square images of the first layer's weights, one after the other. */
export interface Weights {
  readonly side: number;
  readonly values: Float32Array;
}

/** What the arithmetic runs on. */
export interface BackendChoice {
  readonly build: string;
  readonly threads: number;
  /** Why there are not more threads; null where nothing is missing. */
  readonly reason: string | null;
}

/** What the worker tells. */
export type Report =
  /** The part of the first digits that has come; null where the server does not say. */
  | { readonly type: "loading"; readonly done: number | null }
  | {
      readonly type: "ready";
      readonly models: readonly ModelChoice[];
      /** The digits whose predictions are shown, `[n, 28, 28]`, and what they are. */
      readonly pixels: Uint8Array;
      readonly labels: Uint8Array;
      /** How many test digits there are while it learns, and in all. */
      readonly testDigits: number;
      readonly allTestDigits: number;
      readonly trainDigits: number;
      readonly backend: BackendChoice;
    }
  /** So many digits can be trained on now. */
  | { readonly type: "digits"; readonly count: number }
  | { readonly type: "standing"; readonly standing: Standing }
  /** What the drawing is taken for; null when there is none. */
  | { readonly type: "classified"; readonly probabilities: Float32Array | null }
  /** The model as a file. */
  | { readonly type: "saved"; readonly model: string; readonly bytes: Uint8Array }
  /** The model of a file is now the one that is trained. */
  | { readonly type: "opened"; readonly name: string; readonly choices: Choices }
  /** What a file was asked for cannot be; everything goes on as before. */
  | { readonly type: "refused"; readonly message: string }
  | { readonly type: "failed"; readonly message: string };

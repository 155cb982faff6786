/** What a page and the worker that runs its example tell each other. */

/** What to run. */
export interface Request {
  readonly code: string;
  /** The address of the site's root. */
  readonly site: string;
}

/** Grey pictures beside each other: `count` of `height` by `width`, from 0 (paper) to 1 (ink). */
export interface Pictures {
  readonly height: number;
  readonly width: number;
  readonly pixels: Float32Array;
  /** What each is taken for, and what it is, where that is known. */
  readonly guesses: readonly number[];
  readonly labels: readonly number[];
}

/** What an example does that is seen; `check` and the console's functions print. */
export type Shown =
  | { readonly type: "print"; readonly kind: "log" | "error"; readonly text: string }
  /** One more point for each of these curves. */
  | { readonly type: "plot"; readonly values: Readonly<Record<string, number>> }
  /** Instead of the pictures before. */
  | { readonly type: "pictures"; readonly pictures: Pictures };

/** What the worker tells. */
export type Report =
  | Shown
  | { readonly type: "done"; readonly milliseconds: number }
  | { readonly type: "failed"; readonly message: string };

/** What a page and the worker that runs its example tell each other. */

/** What to run. */
export interface Request {
  readonly code: string;
  /** The address of the site's root. */
  readonly site: string;
}

/** What the worker tells. */
export type Report =
  | { readonly type: "print"; readonly kind: "log" | "error"; readonly text: string }
  | { readonly type: "done"; readonly milliseconds: number }
  | { readonly type: "failed"; readonly message: string };

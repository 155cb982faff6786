/**
 * Drawing the same numbers again: while a function runs it is noted where every stream stood before
 * it was first drawn from, so that the streams can be set back for another run.
 */

import { callback, check } from "../args.ts";

/** Sets a stream to where it stood when the function was made. */
type Restore = () => void;

/** What was drawn from while a function ran. */
interface Tape {
  /** For each stream where it stood, and the way to ask for where it stands. */
  readonly starts: Map<object, { readonly restore: Restore; readonly mark: () => Restore }>;
  readonly outer: Tape | null;
}

let tape: Tape | null = null;

/**
 * To be called before a stream is drawn from.
 *
 * @param mark - gives the function that sets the stream back to where it stands now.
 */
export function beforeDraw(stream: object, mark: () => Restore): void {
  for (let one = tape; one !== null; one = one.outer) {
    if (!one.starts.has(stream)) one.starts.set(stream, { restore: mark(), mark });
  }
}

/** What `rewindable` gives: the function's result, and a way to draw the same numbers again. */
export type Rewindable<T> = readonly [
  result: T,
  /**
   * Runs a function with every stream, and the default generator, where it was when the first
   * function began, and sets all of them back to where they are now.
   */
  rewound: <R>(again: () => R) => R,
];

/**
 * Runs `fn` and notes what it draws, from the default generator and from any other that the package
 * has. What `rewound` runs later gets the same numbers, and leaves no trace in the streams.
 *
 * @param markDefault - marks which generator is the default one.
 */
export function rewindableWith<T>(markDefault: () => Restore, fn: () => T): Rewindable<T> {
  const setDefault = markDefault();
  const own: Tape = { starts: new Map(), outer: tape };
  tape = own;
  try {
    const result = fn();
    const rewound = <R>(again: () => R): R => {
      check("rewound", "the argument", again, callback);
      // What follows is drawn from the past: for tapes that run now, the streams are here.
      for (const [stream, { mark }] of own.starts) beforeDraw(stream, mark);
      const back = [markDefault(), ...Array.from(own.starts.values(), ({ mark }) => mark())];
      setDefault();
      for (const { restore } of own.starts.values()) restore();
      try {
        return again();
      } finally {
        for (const restore of back) restore();
      }
    };
    return [result, rewound];
  } finally {
    tape = own.outer;
  }
}

/** Runs `fn` and then sets every stream it drew from, and the default generator, back. */
export function peekWith<T>(markDefault: () => Restore, fn: () => T): T {
  const setDefault = markDefault();
  const own: Tape = { starts: new Map(), outer: tape };
  tape = own;
  try {
    return fn();
  } finally {
    tape = own.outer;
    setDefault();
    for (const { restore } of own.starts.values()) restore();
  }
}

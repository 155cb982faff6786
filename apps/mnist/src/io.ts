/** What the program knows of the world around it. Tests hand it another one. */
import type { Writable } from "node:stream";
import { styleText } from "node:util";

/** A stream for text; the rest is there when it leads to a terminal. */
export interface Output extends Writable {
  readonly isTTY?: boolean;
  /** The width of the terminal. */
  readonly columns?: number;
  /** Whether the terminal shows this many colours. */
  hasColors?(count: number): boolean;
}

/** The environment variables. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Where the program writes, and how it is told to stop. */
export interface IO {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Env;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * Text in a style, plain where the stream leads to no terminal or colours are not wanted
 * (NO_COLOR).
 */
export function paint(stream: Output, style: "bold" | "green" | "red", text: string): string {
  return styleText(style, text, { stream });
}

/** How many columns there are; 80 where nobody says. */
export function columnsOf(stream: Output): number {
  return stream.columns || 80;
}

/** Whether the cursor can be moved on a stream. */
export function isTerminal(stream: Output, env: Env): boolean {
  return stream.isTTY === true && env.TERM !== "dumb";
}

/** Whether a stream shows characters beyond ASCII. */
export function showsUnicode(stream: Output, env: Env): boolean {
  if (!isTerminal(stream, env)) return false;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  return process.platform === "win32" || /utf-?8/i.test(locale);
}

/** A world for `main` that remembers what is written. */
import { Writable } from "node:stream";
import type { IO, Output } from "./io.ts";

interface Captured {
  readonly io: IO;
  /** Aborts the signal, as Ctrl-C does. */
  readonly interrupt: () => void;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/**
 * @param options.terminal - makes stdout a terminal of 80 columns and 256 colours.
 * @param options.onWrite - called with all of stdout after each write to it.
 */
export function capture(
  options: { terminal?: boolean; onWrite?: (text: string, interrupt: () => void) => void } = {},
): Captured {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  const text = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof text): Output =>
    new Writable({
      decodeStrings: false,
      write(chunk, _encoding, done) {
        text[name] += chunk;
        if (name === "stdout") options.onWrite?.(text.stdout, interrupt);
        done();
      },
    });
  const stdout = Object.assign(
    stream("stdout"),
    options.terminal ? { isTTY: true, columns: 80, hasColors: () => true } : {},
  );
  const env = { TERM: "xterm-256color", LANG: "C.UTF-8" };
  return {
    io: { stdout, stderr: stream("stderr"), env, signal: controller.signal },
    interrupt,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
  };
}

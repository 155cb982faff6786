/**
 * Ctrl-C: the first asks the program to stop, the second ends it at once. npm passes the first one
 * on a second time, so what follows within half a second is taken for the same.
 */

/** Gives the signal that the first Ctrl-C aborts. */
export function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  let first: number | null = null;
  process.on("SIGINT", () => {
    if (first === null) {
      first = performance.now();
      controller.abort();
    } else if (performance.now() - first > 500) {
      // What was being drawn ends here; the prompt begins on a line of its own.
      if (process.stdout.isTTY) process.stdout.write("\n");
      process.exit(130);
    }
  });
  return controller.signal;
}

#!/usr/bin/env node
/** The program `needle-mnist`: `main` with this process around it. */
import { onInterrupt } from "./interrupt.ts";
import { main } from "./main.ts";

// Whoever read the output has seen enough (`| head`).
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

const { stdout, stderr, env } = process;
process.exitCode = await main(process.argv.slice(2), {
  stdout,
  stderr,
  env,
  signal: onInterrupt(),
});

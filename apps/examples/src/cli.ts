#!/usr/bin/env node
/** `needle-examples PROGRAM [flags]`: `main` with this process around it. */
import { main } from "./console.ts";
import { programs } from "./index.ts";

// Whoever read the output has seen enough (`| head`).
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

process.exitCode = await main(process.argv.slice(2), programs, process);

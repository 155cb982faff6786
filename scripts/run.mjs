// Runs one command in a ready workspace: `node scripts/run.mjs turbo run build`.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { isMain, setup, shell } from "./setup.mjs";

/** Starts a command with this process's streams; this process then ends as the command does. */
export function become(command, args) {
  const child = spawn(command, args, {
    stdio: "inherit",
    shell: shell && command !== process.execPath,
  });
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));

  // In a terminal Ctrl-C reaches the child by itself. Elsewhere it is passed on, once: npm sends it twice.
  const inTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  let last = Number.NEGATIVE_INFINITY;
  process.on("SIGINT", () => {
    const isRepeat = performance.now() - last < 500;
    last = performance.now();
    if (!inTerminal && !isRepeat) child.kill("SIGINT");
  });

  child.on("error", (error) => {
    process.stderr.write(`needle: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

if (isMain(import.meta)) {
  setup();
  const [command, ...args] = process.argv.slice(2);
  become(command, args);
}

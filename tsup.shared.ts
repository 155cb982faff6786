// How a package is built: one ES module an entry; what two entries share goes into a chunk of its own.
import type { Options } from "tsup";

export function library(...entry: string[]): Options {
  return {
    entry,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    splitting: entry.length > 1,
    sourcemap: true,
    silent: true,
    // Old modules go; the declarations stay, they are `tsc -b`'s.
    clean: ["!**/*.d.ts", "!**/*.d.ts.map", "!.tsbuildinfo"],
  };
}

/** A command-line program: the same, for Node. */
export function program(entry: string): Options {
  return { ...library(entry), platform: "node", target: "node20", removeNodeProtocol: false };
}

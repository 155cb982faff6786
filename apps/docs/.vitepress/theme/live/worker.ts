/** A worker that runs one example, on the WebAssembly backend where there is one. */
import * as autograd from "@needle/autograd";
import * as wasm from "@needle/backend-wasm";
import * as data from "@needle/data";
import * as ndarray from "@needle/ndarray";
import * as nn from "@needle/nn";
import * as optim from "@needle/optim";
import { show } from "../../../../../scripts/checked.ts";
import { digitFiles, digitsOnSite } from "./digit-files.ts";
import type { Report, Request } from "./messages.ts";
import { describeError, runSnippet } from "./snippet.ts";

addEventListener("message", async ({ data: { code, site } }: MessageEvent<Request>) => {
  try {
    await useWebAssembly();
    const start = performance.now();
    await runSnippet(code, modulesOf(site), {
      show: send,
      check: (value) => print("log", show(value)),
    });
    send({ type: "done", milliseconds: performance.now() - start });
  } catch (error) {
    send({ type: "failed", message: describeError(error) });
  }
});

// What an example started and did not wait for.
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  print("error", describeError(event.reason));
});

async function useWebAssembly(): Promise<void> {
  try {
    ndarray.setDefaultBackend(await wasm.createWasmBackend());
  } catch (error) {
    print("error", `Slower, without WebAssembly: ${(error as Error).message}`);
  }
}

function modulesOf(site: string): Readonly<Record<string, unknown>> {
  return {
    "@needle/autograd": autograd,
    "@needle/backend-wasm": wasm,
    "@needle/data": { ...data, mnist: mnistOf(site) },
    "@needle/ndarray": ndarray,
    "@needle/nn": nn,
    "@needle/optim": optim,
  };
}

/** `mnist` for programs that do not say where the files are: here they come from the site. */
function mnistOf(site: string): typeof data.mnist {
  return async (options = {}) => {
    if (options.from !== undefined) return data.mnist(options);
    if ((options.limit ?? Number.POSITIVE_INFINITY) > digitsOnSite) {
      print("error", `mnist: this site has the first ${digitsOnSite} digits of each part only`);
    }
    const fetched = Object.entries(digitFiles).map(async ([name, path]) => {
      const response = await fetch(new URL(path, site));
      if (!response.ok) throw new Error(`${path}: the server answers ${response.status}`);
      return [name, new Uint8Array(await response.arrayBuffer())] as const;
    });
    const from = Object.fromEntries(await Promise.all(fetched)) as unknown as data.MnistFiles;
    return data.mnist({ ...options, from });
  };
}

function print(kind: "log" | "error", text: string): void {
  send({ type: "print", kind, text });
}

function send(report: Report): void {
  postMessage(report);
}

// Runs a program in headless Chromium, as tests see it: on a page or in a dedicated worker, isolated or not. A program
// is an ES module that ends with console.log("result: <JSON>"), so the same one runs in Node as well.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { chromiumPath } from "./chromium-path.mjs";

export { noChromium } from "./chromium-path.mjs";

/** Where a program runs. */
export interface Place {
  readonly where: "page" | "worker";
  /** Whether the server sends the headers that allow shared memory. Default false. */
  readonly isolated?: boolean;
  /** Arguments, which the program finds in `new URL(import.meta.url).searchParams`. */
  readonly search?: Readonly<Record<string, string>>;
  /** The type of the script. Default "module". */
  readonly type?: "module" | "classic";
  /** A content security policy that the server sends with every file. Default: none. */
  readonly policy?: string;
}

/** A page that is open, for tests that use it as a person does. */
export interface OpenPage {
  readonly page: Page;
  /** What was written to the console as an error so far, uncaught errors included. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/** A browser that has been started. */
export class Chromium {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<Chromium> {
    const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
    return new Chromium(await chromium.launch({ executablePath: chromiumPath ?? undefined, args }));
  }

  /**
   * The result of a program.
   *
   * @param files - contents by path; `program.js` is the one that runs.
   * @throws Error with everything that was written to the console as an error, if anything was.
   */
  async run(files: Readonly<Record<string, string | Uint8Array>>, place: Place): Promise<unknown> {
    const { where, isolated = false, search = {}, type = "module", policy } = place;
    const program = `/program.js?${new URLSearchParams(search)}`;
    const script = where === "page" ? load(program, type) : startWorker(type);
    const server = await serve(
      {
        ...files,
        "index.html": `<!doctype html><meta charset="utf-8"><title>test</title>${script}`,
        "worker.js": `${onRejection}${type === "module" ? importing(program) : `importScripts("${program}");`}`,
      },
      isolated,
      policy,
    );
    const page = await this.#browser.newPage();
    try {
      const result = resultOf(page);
      await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
      return await result;
    } finally {
      await page.close();
      server.closeAllConnections();
      server.close();
    }
  }

  /**
   * Opens a page.
   *
   * @param files - contents by path; `index.html` is the page.
   */
  async open(
    files: Readonly<Record<string, string | Uint8Array>>,
    options: BrowserContextOptions & { readonly isolated: boolean },
  ): Promise<OpenPage> {
    const { isolated, ...context } = options;
    const server = await serve(files, isolated);
    const page = await this.#browser.newPage(context);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.stack ?? error.message));
    page.on("crash", () => errors.push("the page crashed"));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    const close = async (): Promise<void> => {
      await page.close();
      server.closeAllConnections();
      server.close();
    };
    return { page, errors, close };
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

const onRejection = `self.addEventListener("unhandledrejection", (event) =>
  console.error(String(event.reason?.stack ?? event.reason)));`;

function importing(program: string): string {
  return `import("${program}").catch((error) => console.error(String(error?.stack ?? error)));`;
}

function load(program: string, type: "module" | "classic"): string {
  return type === "module"
    ? `<script type="module">${importing(program)}</script>`
    : `<script src="${program}"></script>`;
}

function startWorker(type: "module" | "classic"): string {
  return `<script>
    const worker = new Worker("/worker.js", { type: "${type}" });
    worker.onerror = (event) => console.error("worker: " + event.message);
  </script>`;
}

/** What the page, or a worker of it, prints as its result. */
function resultOf(page: Page): Promise<unknown> {
  const { promise, resolve, reject } = deferred<unknown>();
  const errors: string[] = [];
  const fail = (text: string): void => {
    errors.push(text);
    // The rest of what went wrong comes with it.
    setTimeout(() => reject(new Error(errors.join("\n"))), 100);
  };
  page.on("pageerror", (error) => fail(error.stack ?? error.message));
  page.on("crash", () => fail("the page crashed"));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error") fail(text);
    if (!text.startsWith("result: ") || errors.length > 0) return;
    resolve(JSON.parse(text.slice("result: ".length)));
  });
  return promise;
}

function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // A page that fails while it loads is met before anyone waits for its result.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

const types: Readonly<Record<string, string>> = {
  css: "text/css",
  html: "text/html",
  js: "text/javascript",
  mjs: "text/javascript",
  wasm: "application/wasm",
};

async function serve(
  files: Readonly<Record<string, string | Uint8Array>>,
  isolated: boolean,
  policy?: string,
): Promise<Server> {
  const headers = {
    ...(isolated && {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    }),
    ...(policy !== undefined && { "Content-Security-Policy": policy }),
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname
      .slice(1)
      .replace(/(^|\/)$/, "$1index.html");
    if (path === "favicon.ico") return void response.writeHead(204).end();
    const body = files[path];
    if (body === undefined) return void response.writeHead(404).end();
    const type = types[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, ...headers }).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}

/** A program of this workspace as one script, from the sources of the packages. */
export async function bundleSources(entry: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry.pathname],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["needle-source"],
    supported: { "top-level-await": true },
    logLevel: "warning",
  });
  return outputFiles[0]!.text;
}

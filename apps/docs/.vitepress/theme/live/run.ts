/** Starts an example in a worker of its own, which can be ended whatever it does. */
import type { Report, Request } from "./messages.ts";

/**
 * Runs `code`; `tell` hears of all that it does, a report that it is done or has failed last.
 *
 * @returns a function that ends it at once.
 */
export function start(code: string, site: string, tell: (report: Report) => void): () => void {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Report>) => {
    if (data.type === "done" || data.type === "failed") worker.terminate();
    tell(data);
  };
  worker.onerror = ({ message }) => {
    worker.terminate();
    tell({ type: "failed", message: message ?? "The worker could not be started." });
  };
  const request: Request = { code, site };
  worker.postMessage(request);
  return () => worker.terminate();
}

/** What the thread of a page is busy with, from the browser's own trace. */
import type { OpenPage } from "../../../scripts/chromium.ts";

/** An event of a trace; times are in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Processor time. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/**
 * The milliseconds of processor time of each task of the page's main thread while something runs.
 */
export async function mainThreadTasks(
  page: OpenPage["page"],
  run: () => Promise<void>,
): Promise<number[]> {
  const client = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  client.on("Tracing.dataCollected", ({ value }) => {
    for (const event of value) events.push(event as unknown as TraceEvent);
  });
  await client.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel"] },
  });
  await run();
  const complete = new Promise((resolve) => client.once("Tracing.tracingComplete", resolve));
  await client.send("Tracing.end");
  await complete;
  const names = events.filter(({ ph, name }) => ph === "M" && name === "thread_name");
  const main = names.filter(({ args }) => args?.name === "CrRendererMain");
  const isMain = ({ pid, tid }: TraceEvent): boolean =>
    main.some((thread) => thread.pid === pid && thread.tid === tid);
  const tasks = events.filter((event) => event.tdur !== undefined && isMain(event));
  return tasks.map(({ tdur }) => tdur! / 1000);
}

/** Trains on the build and threads that its URL asks for, and prints how it went. */
import { train } from "./train.ts";

const { searchParams } = new URL(import.meta.url);
const deterministic = searchParams.get("build") === "strict";
const threads = Number(searchParams.get("threads"));
console.log(`result: ${JSON.stringify(await train({ deterministic, threads }))}`);

/** Tools for testing derivatives: the checker, and inputs and values of every op. */
import "../index.ts";

export { type Case, type Sample, samplesOf } from "./cases/case.ts";
export { cases, type OpName } from "./cases.ts";
export { type GradcheckOptions, gradcheck } from "./gradcheck.ts";

/** Both builds pass what every backend has to. */
import { testBackend } from "@needle/ndarray/testing";
import { describe, test } from "vitest";
import { createWasmBackend } from "./index.ts";

describe("relaxed", () => testBackend(() => createWasmBackend(), { describe, test }));
describe("strict", () =>
  testBackend(() => createWasmBackend({ deterministic: true }), { describe, test }));

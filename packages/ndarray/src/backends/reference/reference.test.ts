/**
 * The reference backend passes what every backend has to, within half a unit in the last place of
 * the double result.
 */
import { describe, test } from "vitest";
import { testBackend } from "../../testing/index.ts";
import { createReferenceBackend } from "./index.ts";

testBackend(createReferenceBackend, { describe, test, ulps: 0.51 });

import { afterEach, describe, expect, test } from "vitest";
import { createReferenceBackend, defaultBackend, setDefaultBackend, zeros } from "./index.ts";

const initial = defaultBackend();
afterEach(() => setDefaultBackend(initial));

describe("the default backend", () => {
  test("is the reference backend at first, and always the same", () => {
    expect(initial.name).toBe("reference");
    expect(defaultBackend()).toBe(initial);
  });

  test("is where new arrays are made; those made before stay where they are", () => {
    const before = zeros([1]);
    const backend = createReferenceBackend();
    setDefaultBackend(backend);
    expect(zeros([1]).backend).toBe(backend);
    expect(before.backend).toBe(initial);
    expect(before.add(1).backend).toBe(initial);
  });
});

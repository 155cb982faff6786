/** Files are replaced as a whole or not at all. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkReplaceable, readModel, readSmallFile, replaceFile } from "./files.ts";

// What the disk does is stood in for where a test says so.
vi.mock("node:fs/promises", { spy: true });
const fs = await import("node:fs/promises");

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "needle-files-"));
  path = join(folder, "model.safetensors");
});
afterEach(() => {
  vi.clearAllMocks();
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a file is written, replaced, and nothing is left beside it", async () => {
  await replaceFile(path, bytes("first"));
  await checkReplaceable(path);
  await replaceFile(path, bytes("second"));
  expect(readFileSync(path, "utf8")).toBe("second");
  expect(readdirSync(folder)).toEqual(["model.safetensors"]);
});

test("a link stays a link, and what it leads to is replaced", async () => {
  writeFileSync(join(folder, "real"), "first");
  symlinkSync("real", path);
  await replaceFile(path, bytes("second"));
  expect(readFileSync(join(folder, "real"), "utf8")).toBe("second");
});

test("a disk that fills up leaves what was there", async () => {
  await replaceFile(path, bytes("first"));
  const open = fs.open;
  vi.mocked(fs.open).mockImplementationOnce(async (...place) => {
    const file = await open(...place);
    file.writeFile = async () => {
      await file.write(bytes("sec"));
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    };
    return file;
  });
  await expect(replaceFile(path, bytes("second"))).rejects.toThrow(
    `cannot save to ${path}: no space left on device`,
  );
  expect(readFileSync(path, "utf8")).toBe("first");
  expect(readdirSync(folder)).toEqual(["model.safetensors"]);
});

test("what cannot be written is found out before", async () => {
  const nowhere = join(folder, "no", "model.safetensors");
  await expect(checkReplaceable(nowhere)).rejects.toThrow(
    `cannot save to ${nowhere}: no such file or directory`,
  );
  mkdirSync(path);
  await expect(checkReplaceable(path)).rejects.toThrow(`${path} is not a file`);
  expect(readdirSync(folder)).toEqual(["model.safetensors"]);
});

test("what cannot be read is said", async () => {
  await expect(readModel(path)).rejects.toThrow(`cannot read ${path}: no such file or directory`);
  mkdirSync(path);
  await expect(readModel(path)).rejects.toThrow(`cannot read ${path}: illegal operation on a`);
});

test("a file that is too large is not read", async () => {
  writeFileSync(path, "");
  truncateSync(path, 2 ** 33);
  await expect(readModel(path)).rejects.toThrow(`${path}: 8589934592 bytes, more than 268435456`);
  expect(vi.mocked(fs.readFile)).not.toHaveBeenCalled();
  await expect(readSmallFile(path, 1)).rejects.toThrow("more than 1");
});

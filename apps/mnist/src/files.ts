/** Models as files. A file is replaced as a whole or not at all, whatever happens meanwhile. */
import { open, readFile, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ModelFileError, parseModel, type SavedModel } from "./saved.ts";

/** The most bytes that are read. No model here comes near it. */
const mostBytes = 2 ** 28;

/**
 * Reads a model.
 *
 * @throws ModelFileError when the file cannot be read, or holds no model.
 */
export async function readModel(path: string): Promise<SavedModel> {
  return parseModel(await readSmallFile(path, mostBytes), path);
}

/**
 * The bytes of a file, unless there are too many.
 *
 * @throws ModelFileError when it cannot be read.
 */
export async function readSmallFile(path: string, most: number): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > most) throw new ModelFileError(`${path}: ${size} bytes, more than ${most}`);
    bytes = await readFile(path);
  } catch (error) {
    throw explained(error, `cannot read ${path}`);
  }
  return bytes;
}

/**
 * Writes a file beside the one wanted, then puts it in its place: until then, and if anything goes
 * wrong, there is what was there before.
 *
 * @throws ModelFileError when it cannot be written.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const { target, temporary } = await placesOf(path);
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(bytes);
      // The bytes reach the disk before the name does.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw explained(error, `cannot save to ${path}`);
  }
}

/**
 * Finds out whether `replaceFile` can work, before there is something to lose.
 *
 * @throws ModelFileError when it cannot.
 */
export async function checkReplaceable(path: string): Promise<void> {
  const { target, temporary } = await placesOf(path);
  try {
    const there = await stat(target).catch(() => null);
    if (there !== null && !there.isFile()) throw new ModelFileError(`${path} is not a file`);
    await (await open(temporary, "w")).close();
    await unlink(temporary);
  } catch (error) {
    throw explained(error, `cannot save to ${path}`);
  }
}

/** Where a link leads, and the name of the file that is written first, in the same folder. */
async function placesOf(path: string): Promise<{ target: string; temporary: string }> {
  const target = await realpath(path).catch(() => path);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  return { target, temporary };
}

/** An error of the operating system as one for people; any other as it is. */
function explained(error: unknown, what: string): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  const text = error.message.replace(/^\w+: |, \w+( '.*)?$/g, "");
  return new ModelFileError(`${what}: ${text}`);
}

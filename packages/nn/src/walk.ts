/** The walk over the fields of an object that finds the parts of a module. */
import { isTensor } from "@needle/autograd";
import { isNDArray } from "@needle/ndarray";

/** Something an object's fields hold, with the path of fields that leads to it. */
export type Found<T> = [name: string, value: T];

/**
 * Everything below `root` that `wanted` accepts, each once, in the order of the fields; not what is
 * inside those that are `closed`.
 */
export function walk(
  root: object,
  wanted: (value: object) => boolean,
  closed: (value: object) => boolean = () => false,
): Found<object>[] {
  const found: Found<object>[] = [];
  const seen = new Set<object>();
  const visit = (value: unknown, name: string): void => {
    if (typeof value !== "object" || value === null || seen.has(value) || ArrayBuffer.isView(value))
      return;
    seen.add(value);
    if (wanted(value)) found.push([name, value]);
    if (isTensor(value) || isNDArray(value) || closed(value)) return;
    for (const [key, item] of entriesOf(value))
      visit(item, name === "" ? String(key) : `${name}.${String(key)}`);
  };
  visit(root, "");
  return found;
}

/** What an object holds, by name; the members of a set are counted. */
function entriesOf(value: object): Iterable<[key: unknown, item: unknown]> {
  if (value instanceof Map || Array.isArray(value)) return value.entries();
  return value instanceof Set ? [...value].entries() : Object.entries(value);
}

// Where the browser is that tests use: plain JavaScript, so that setup.mjs can ask as well.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

function find() {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {}
    }
  }
  return null;
}

/** The browser's program; null where there is none. */
export const chromiumPath = find();

/** Why tests that need the browser are skipped; null if there is one. */
export const noChromium = chromiumPath === null ? `none of ${names.join(", ")} is on PATH` : null;

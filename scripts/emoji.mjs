// Fetches what `npm run example -- resnet9` learns from: four npm packages of 60 to 100 MB, of which a sheet of small
// pictures and a list are kept in .cache/emoji. Nothing else needs them.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fail, root, say, shell } from "./setup.mjs";

const version = "16.0.0";
const folder = join(root, ".cache/emoji");

mkdirSync(folder, { recursive: true });
for (const vendor of ["apple", "facebook", "google", "twitter"]) {
  if (!existsSync(join(folder, vendor))) fetchVendor(vendor);
}
say(`the emoji are in ${folder}`);

function fetchVendor(vendor) {
  const name = `emoji-datasource-${vendor}@${version}`;
  say(`fetching ${name}`);
  const work = mkdtempSync(join(root, ".cache/emoji-"));
  try {
    run("npm", ["pack", name, "--silent", "--pack-destination", work], shell);
    const files = [`img/${vendor}/sheets/32.png`, "emoji.json"].map((file) => `package/${file}`);
    const archive = join(work, `emoji-datasource-${vendor}-${version}.tgz`);
    run("tar", ["-xzf", archive, "-C", work, ...files], false);
    const kept = join(work, vendor);
    mkdirSync(kept);
    renameSync(join(work, files[0]), join(kept, "32.png"));
    renameSync(join(work, files[1]), join(kept, "emoji.json"));
    renameSync(kept, join(folder, vendor));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function run(command, args, inShell) {
  const result = spawnSync(command, args, { encoding: "utf8", shell: inShell });
  if (result.status !== 0) fail(`${command} failed: ${result.error ?? result.stderr}`);
}

// Makes a clone ready to use: checks Node, finds or fetches the pinned pnpm, installs the dependencies.
// What was done before is not done again. Speaks on stderr only: a script's stdout is its own.
// Alone: `npm run setup`, or `npm run setup -- --no-frozen-lockfile` after a change of dependencies.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromiumPath } from "./chromium-path.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));
/** On Windows the commands of npm packages are .cmd files, which only a shell can start. */
export const shell = process.platform === "win32";

const oldestNode = [20, 19];
const stamp = join(root, "node_modules/.setup-stamp");
const read = (path) => readFileSync(join(root, path), "utf8");

/** Whether the module was started by itself, rather than imported. */
export function isMain(meta) {
  return realpathSync(process.argv[1]) === fileURLToPath(meta.url);
}

/** The folders of all packages and apps, as `packages/nn`. */
export function workspaceFolders() {
  return ["packages", "apps"].flatMap((group) =>
    readdirSync(join(root, group))
      .map((name) => `${group}/${name}`)
      .filter((folder) => existsSync(join(root, folder, "package.json"))),
  );
}

/** Leaves the tools on PATH for this process and its children. Exits with a message when it cannot. */
export function setup(installArguments = []) {
  checkNode();
  process.chdir(root);
  Object.assign(process.env, {
    DO_NOT_TRACK: "1",
    NO_UPDATE_NOTIFIER: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
    TURBO_TELEMETRY_DISABLED: "1",
    // Part of turbo's cache keys: what passed on one Node may fail on another, and what was skipped for want of a
    // browser must run once there is one.
    NEEDLE_NODE: process.version,
    NEEDLE_CHROMIUM: chromiumPath ?? "",
  });
  provideHome();
  addToPath("node_modules/.bin");
  providePnpm();
  if (installArguments.length > 0 || !isInstalled()) install(installArguments);
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  fail(`Node ${oldestNode.join(".")} or later is needed, this is ${process.versions.node}`);
}

/** npm and pnpm keep their caches at home; where there is none to write to, they stay here. */
function provideHome() {
  try {
    accessSync(homedir(), constants.W_OK);
  } catch {
    process.env.HOME = join(root, ".cache/home");
  }
}

/** The version pinned in package.json: the one on PATH if it is that, else one fetched into .cache. */
function providePnpm() {
  const pinned = JSON.parse(read("package.json")).packageManager;
  const version = pinned.replace("pnpm@", "");
  const prefix = join(root, ".cache/pnpm");
  addToPath(".cache/pnpm/node_modules/.bin");
  const manifest = join(prefix, "node_modules/pnpm/package.json");
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version)
    return;
  // Asked outside the repository, where pnpm does not try to become the pinned version.
  const found = spawnSync("pnpm", ["--version"], { cwd: tmpdir(), encoding: "utf8", shell });
  if (found.status === 0 && found.stdout.trim() === version) return;

  say(`fetching ${pinned}`);
  const options = ["--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
  quietly(
    "npm",
    ["install", "--prefix", prefix, ...options, pinned],
    `could not fetch ${pinned} with npm; is the network reachable?`,
  );
}

function install(installArguments) {
  say("installing the dependencies");
  const wanted = installArguments.length > 0 ? installArguments : ["--frozen-lockfile"];
  quietly(
    "pnpm",
    ["install", "--config.confirm-modules-purge=false", ...wanted],
    "pnpm install failed; is the network reachable? After a change of dependencies: npm run setup -- --no-frozen-lockfile",
  );
  writeFileSync(stamp, fingerprint());
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint();
}

/** Changes whenever `pnpm install` has something new to do. */
function fingerprint() {
  const manifests = workspaceFolders().map((folder) => `${folder}/package.json`);
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests];
  const hash = createHash("sha256").update(process.version.split(".")[0]);
  for (const file of files)
    hash.update(`\n${file}\n`).update(existsSync(join(root, file)) ? read(file) : "");
  return hash.digest("hex");
}

/** Prints what the command said only if it failed, even under `npm run -s`, which would silence it. */
function quietly(command, args, complaint) {
  const result = spawnSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, npm_config_loglevel: "warn" },
    shell,
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`);
  fail(complaint);
}

function addToPath(folder) {
  process.env.PATH = join(root, folder) + delimiter + process.env.PATH;
}

export function say(message) {
  process.stderr.write(`needle: ${message}\n`);
}

export function fail(message) {
  say(message);
  process.exit(1);
}

if (isMain(import.meta)) setup(process.argv.slice(2));

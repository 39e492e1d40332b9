// What the tests need from the machine. Anything missing is told loudly: a skipped test proves nothing.
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const E2E = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const ROOT = resolve(E2E, "..");
export const SCREENSHOTS = join(E2E, "screenshots");

/** @param {string} path @param {string} what @returns {string} the same path, when it can be run */
function runnable(path, what) {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    throw new Error(`${what} cannot be run: ${path}`);
  }
}

/** @returns {string} the program under test */
export function vaoraBinary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  const path = process.env.VAORA_BIN ?? join(target, "debug", "vaora");
  return runnable(path, "the program under test (build it, or set VAORA_BIN)");
}

/** @returns {string} the browser */
export function chromiumBinary() {
  return runnable(process.env.CHROMIUM ?? "/usr/bin/chromium", "Chromium (install it, or set CHROMIUM)");
}

/**
 * Runs a program and waits for it.
 * @param {string} program found in the path
 * @param {string[]} args
 * @param {Buffer} [input]
 */
export function run(program, args, input) {
  try {
    return execFileSync(program, args, { input, stdio: ["pipe", "pipe", "pipe"], timeout: 180_000, maxBuffer: 256 * 1024 * 1024 });
  } catch (error) {
    const said = String(/** @type {any} */ (error).stderr ?? "").slice(-800);
    throw new Error(`${program} failed: ${/** @type {Error} */ (error).message}\n${said}`);
  }
}

/** @param {string} path @param {string} what */
export function mustExist(path, what) {
  if (!existsSync(path)) throw new Error(`${what} is missing: ${path}`);
  return path;
}

// A demo of its own for each test file: fresh data in a temporary folder, a free port, stopped by its own process.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, vaoraBinary } from "./env.mjs";

/** How long a demo may take to be made, in milliseconds. */
const READY_MS_MAX = 90_000;
/** How long it may take to stop before it is killed, in milliseconds. */
const STOP_MS_MAX = 10_000;

/** What the file's demo wrote to its log. */
let logged = "";

/** @returns {string} the latest errors in the log */
export function demoComplaints() {
  return logged.split("\n").filter((line) => /ERROR|panicked/.test(line)).slice(-5).join("\n");
}

/** @returns {Promise<number>} a port that was free a moment ago */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** @param {string} words @param {RegExp} pattern @param {string} what */
function said(words, pattern, what) {
  const found = pattern.exec(words)?.[1];
  if (!found) throw new Error(`the demo did not print ${what}:\n${words}`);
  return found;
}

/**
 * Starts a demo and waits until it says how to stop it.
 * @returns {Promise<{ url: string, password: string, poster: string, casePhone: string, onset: string, logins: string[], folder: string, words: string, stop: () => Promise<void>, kill: () => Promise<void>, restart: () => Promise<void> }>}
 * `kill` takes the server away as a power cut does; `restart` serves the same data at the same address.
 */
export async function startDemo() {
  const binary = vaoraBinary();
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "vaora-e2e-"));
  let child = spawn(binary, ["demo", "--data", join(folder, "data"), "--listen", `127.0.0.1:${port}`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const killed = () => child.kill("SIGKILL");
  process.once("exit", killed);
  let words = "";
  logged = "";
  child.stderr.on("data", (piece) => { logged += piece; });
  let ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the demo was not ready in time:\n${words}\n${logged}`)), READY_MS_MAX);
      child.stdout.on("data", (piece) => {
        words += piece;
        if (words.includes("Stop with Ctrl-C")) {
          clearTimeout(timer);
          resolve(undefined);
        }
      });
      child.once("error", reject);
      child.once("exit", (code) => {
        clearTimeout(timer);
        reject(new Error(`the demo ended with ${code}:\n${words}\n${logged}`));
      });
    });
  } catch (error) {
    killed();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const url = `http://localhost:${port}`;
  await reachable(url);
  return {
    url,
    folder,
    words,
    password: said(words, /passphrase of the key officers: (\S+)/, "its password"),
    poster: said(words, /A visitor's poster:\s+(\S+)/, "a poster's address"),
    casePhone: said(words, /for phone (\S+),/, "the case's phone"),
    onset: said(words, /onset (\d{4}-\d{2}-\d{2})/, "the case's onset"),
    logins: [...words.matchAll(/^ {2}([a-z0-9]+) {2,}\S/gm)].map((found) => found[1] ?? ""),
    async kill() {
      killed();
      await ended;
    },
    async restart() {
      // What is a demo is not served otherwise, as its password is known; here only this test knows it.
      run("sqlite3", [join(folder, "data", "vaora.sqlite"), "DELETE FROM settings WHERE name = 'demo_password'"]);
      child = spawn(binary, ["serve", "--data", join(folder, "data"), "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, VAORA_LOG: "warn" } });
      child.stderr?.on("data", (piece) => { logged += piece; });
      ended = new Promise((resolve) => child.once("exit", resolve));
      await reachable(url);
    },
    async stop() {
      process.removeListener("exit", killed);
      const timer = setTimeout(killed, STOP_MS_MAX);
      child.kill("SIGTERM");
      await ended;
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param {string} url */
async function reachable(url) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    try {
      const answer = await fetch(`${url}/healthz`);
      if (answer.ok) return;
    } catch {
      // Not listening yet.
    }
    if (Date.now() > deadline) throw new Error(`${url} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// A real server in place of the model: the simulated gates' scans are really sealed, and their requests go over HTTP.
import { aadOf, sealer } from "../../crates/vaora/static/queue/seal.js";
import { bodyOf } from "../../crates/vaora/static/queue/net.js";

/** @typedef {import("./sim-server.mjs").Server} Server */

/**
 * @typedef {object} Installation
 * @property {string} url of the server, without a path
 * @property {Uint8Array} ingestKey uncompressed point, 65 bytes
 * @property {{ device: string, headers: Record<string, string> }[]} devices enrolled ones, at least as many as gates; headers as a browser would send, such as `cookie`
 * @property {(item: { device: string, id: string, at: number }) => object} contentOf what was scanned
 * @property {() => number} now the real clock, in milliseconds, which is the server's
 * @property {Server["revoke"]} [revoke]
 * @property {Server["rows"]} [rows] what the server keeps, where the caller can look it up; else each scan is sent once more
 */

/**
 * Virtual time is not the server's: what it says of its clock is moved by the difference, and `beganAt` of the
 * simulation should lie so that the day's scans are of an age that the server takes.
 * @param {Installation} installation
 * @returns {Promise<Server>}
 */
export async function httpServer({ url, ingestKey, devices, contentOf, now, revoke, rows }) {
  const { seal } = await sealer(ingestKey);
  const headersOf = new Map(devices.map(({ device, headers }) => [device, headers]));

  /** @param {string} device @param {string} body */
  async function post(device, body) {
    const response = await fetch(`${url}/api/v1/queue`, {
      method: "POST", body, redirect: "error",
      headers: { "content-type": "application/json", accept: "application/json", ...headersOf.get(device) },
    });
    return { status: response.status, retryAfter: response.headers.get("retry-after"), text: await response.text() };
  }

  return {
    enrol(gate) {
      const device = devices[gate];
      if (!device) throw new Error(`no device is enrolled for gate ${gate}`);
      return device.device;
    },
    seal: (item) => seal(new TextEncoder().encode(JSON.stringify(contentOf(item))), aadOf(item)),
    async handle(device, body, at) {
      const reply = await post(device, body);
      return { ...reply, text: withClock(reply.text, at - now()) };
    },
    revoke: revoke ?? (() => {}),
    rows: rows ?? ((items) => sentOnceMore(items, post)),
  };
}

/** @param {string} text @param {number} byMs @returns {string} the answer as of virtual time */
function withClock(text, byMs) {
  try {
    const body = JSON.parse(text);
    return Number.isFinite(body?.server_time) ? JSON.stringify({ ...body, server_time: body.server_time + byMs }) : text;
  } catch {
    return text;
  }
}

/**
 * Asks the server by sending each scan once more: only what it has already is a duplicate. Whether it has it more than
 * once, and under which time, this does not tell.
 * @param {import("./sim-outbox.mjs").Item[]} items
 * @param {(device: string, body: string) => Promise<import("./sim-server.mjs").Reply>} post
 * @returns {Promise<import("./sim-server.mjs").Row[]>}
 */
async function sentOnceMore(items, post) {
  const rows = [];
  for (const item of items) {
    const body = bodyOf({ sentAt: item.at, left: 0, oldestAt: null, items: [{ ...item, seq: Math.max(1, item.seq) }] });
    const { status, text } = await post(item.device, body);
    const outcome = status === 200 ? JSON.parse(text).results[0]?.outcome : undefined;
    if (outcome !== "duplicate") continue;
    rows.push({ ...item, sealed: Buffer.from(item.sealed).toString("base64url"), outcome: /** @type {const} */ ("accepted") });
  }
  return rows;
}

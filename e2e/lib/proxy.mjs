// A server between a device and the product: it can be cut, and it can stand for the product's next version.
import { createServer, request } from "node:http";

/** @param {string} target address of the product */
export async function openProxy(target) {
  const state = { isCut: false, version: /** @type {string | null} */ (null) };
  const server = createServer((incoming, outgoing) => {
    if (state.isCut) return void outgoing.destroy();
    const { hostname, port } = new URL(target);
    const onward = request({ hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers }, (answer) => {
      const renames = state.version !== null && incoming.url === "/gate-worker.js" && answer.statusCode === 200;
      if (!renames) {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
        return;
      }
      let script = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece) => { script += piece; });
      answer.on("end", () => {
        outgoing.writeHead(200, { "content-type": "text/javascript; charset=utf-8", "cache-control": "no-cache" });
        outgoing.end(script.replace(/const VERSION = "[^"]*"/, `const VERSION = "${state.version}"`));
      });
    });
    onward.on("error", () => outgoing.destroy());
    if (renamesWorker(incoming.url)) onward.removeHeader("accept-encoding");
    incoming.pipe(onward);
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", () => resolve(undefined)); });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return {
    url: `http://localhost:${address.port}`,
    /** @param {boolean} isCut */ cut(isCut) {
      state.isCut = isCut;
      if (isCut) server.closeAllConnections();
    },
    /** @param {string} version of the app from now on */ publish(version) { state.version = version; },
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}

/** @param {string | undefined} path */
const renamesWorker = (path) => path === "/gate-worker.js";

// The same request as ours, one INSERT each: node server.mjs DATABASE_URL PROCESSES
// One process a core, a pool in each, a prepared statement. Ends when standard input does.
import cluster from "node:cluster";
import { once } from "node:events";
import Fastify from "fastify";
import pg from "pg";

const [url, processes] = process.argv.slice(2);
/** Connections of each process: more than the disk can make use of, fewer than would crowd PostgreSQL. */
const POOL = 32;
const PORT = 0;

const TABLE = `CREATE TABLE IF NOT EXISTS scans_fastify (
    id UUID PRIMARY KEY, kind TEXT NOT NULL, captured_at TIMESTAMPTZ NOT NULL, name TEXT NOT NULL,
    phone TEXT NOT NULL, received_at TIMESTAMPTZ NOT NULL DEFAULT now())`;
const INSERT = {
  name: "insert",
  text: `INSERT INTO scans_fastify (id, kind, captured_at, name, phone) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING`,
};

const text = { type: "string", maxLength: 200 };
const scan = {
  type: "object",
  required: ["id", "kind", "captured_at", "typed"],
  properties: {
    id: { type: "string", format: "uuid" },
    kind: { enum: ["in", "out"] },
    captured_at: { type: "string", format: "date-time" },
    typed: { type: "object", required: ["name", "phone"], properties: { name: text, phone: text } },
  },
};
const result = {
  type: "object",
  properties: { id: text, outcome: text, kind: text, name: text, title: text, text },
};
const schema = {
  body: { type: "object", required: ["scans"], properties: { scans: { type: "array", minItems: 1, maxItems: 1, items: scan } } },
  response: { 200: { type: "object", properties: { results: { type: "array", items: result } } } },
};

async function work(port) {
  const pool = new pg.Pool({ connectionString: url, max: POOL });
  const app = Fastify({ logger: false });
  app.post("/api/v1/scans", { schema }, async (request) => {
    const { id, kind, captured_at, typed } = request.body.scans[0];
    const { rowCount } = await pool.query({ ...INSERT, values: [id, kind, captured_at, typed.name, typed.phone] });
    const outcome = rowCount === 1 ? "accepted" : "duplicate";
    return { results: [{ id, outcome, kind, name: typed.name, title: "Mời vào", text: "" }] };
  });
  await app.listen({ host: "127.0.0.1", port });
  process.send("ready");
}

async function lead() {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`DROP TABLE IF EXISTS scans_fastify`);
  await client.query(TABLE);
  await client.end();
  let address;
  cluster.on("listening", (_, at) => (address = `127.0.0.1:${at.port}`));
  const workers = Array.from({ length: Number(processes) }, () => cluster.fork());
  await Promise.all(workers.map((worker) => once(worker, "message")));
  console.log(`ready ${address}`);
  process.stdin.on("end", () => process.exit(0)).resume();
}

await (cluster.isPrimary ? lead() : work(PORT));

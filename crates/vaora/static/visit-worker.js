// @ts-check
/// <reference path="./visit-worker.d.ts" />
// The visitor's service worker: the poster's page opens without a network, and a form sent into the void is kept. The
// server writes APP, VERSION and FILES above this. It is registered after the first check-in, never before.
importScripts("/static/visit/box.js");

{
  /**
   * @typedef {Event & { waitUntil: (work: Promise<unknown>) => void }} Lasting
   * @typedef {Lasting & { request: Request, respondWith: (answer: Promise<Response>) => void }} Fetching
   */

  const worker = /** @type {any} */ (self);
  const box = /** @type {VisitBox} */ (worker.vaoraVisitBox);
  const CACHE = `${APP}-${VERSION}`;
  /** The app's page: also stands in for every poster's page while there is no network. */
  const SHELL = "/D/me";
  /** Language of the page that registered this worker: a worker's own requests need not carry the reader's. */
  const LANG = new URL(worker.location.href).searchParams.get("lang") ?? "vi";
  /** How long the network may take for a page before the shell stands in, in milliseconds. */
  const PAGE_MS_MAX = 2_500;
  /** How long it may take for a check-in before that is kept on the phone, in milliseconds. It may have arrived: the id makes it one. */
  const CHECK_IN_MS_MAX = 8_000;
  /** Answers that mean "not now". */
  const BUSY = [429, 502, 503, 504];

  /** A language chosen with the page's link stands in a cookie and goes before this one. */
  const shellRequest = () => new Request(SHELL, { cache: "no-cache", headers: { "accept-language": LANG } });

  async function install() {
    const cache = await caches.open(CACHE);
    await Promise.all([cache.addAll(FILES.map((path) => new Request(path, { cache: "no-cache" }))), cache.add(shellRequest())]);
    // At once: a page reads all its modules together, so it has them of one version, and no open page waits for this one.
    await worker.skipWaiting();
  }

  async function activate() {
    for (const name of await caches.keys()) if (name.startsWith(`${APP}-`) && name !== CACHE) await caches.delete(name);
    await worker.clients.claim();
  }

  /** @template T @param {Promise<T>} work @param {number} limitMs @returns {Promise<T | null>} null when it failed or took too long */
  function within(work, limitMs) {
    return Promise.race([work.catch(() => null), new Promise((/** @type {(none: null) => void} */ resolve) => setTimeout(() => resolve(null), limitMs))]);
  }

  /** @returns {Promise<Response>} */
  async function shell() {
    return await caches.match(SHELL) ?? Response.error();
  }

  /** Keeps the shell in the language that was chosen last. @param {Response} [answer] */
  async function renewShell(answer) {
    const fresh = answer ?? await fetch(shellRequest());
    if (fresh.ok) await (await caches.open(CACHE)).put(SHELL, fresh);
  }

  /** @param {Fetching} event @param {URL} address @returns {Promise<Response>} */
  async function page(event, address) {
    if (address.searchParams.has("saved")) return shell();
    const answer = await within(fetch(event.request), PAGE_MS_MAX);
    if (!answer || BUSY.includes(answer.status)) return shell();
    if (address.pathname === SHELL && answer.ok) event.waitUntil(renewShell(answer.clone()));
    else if (address.searchParams.has("lang")) event.waitUntil(renewShell().catch(() => {}));
    return answer;
  }

  /** @param {FormData} form @param {string} code @returns {Promise<VisitScan>} */
  async function scanOf(form, code) {
    const text = (/** @type {string} */ name) => String(form.get(name) ?? "").trim();
    const year = Number(text("birth_year"));
    const typed = { name: text("name"), phone: text("phone"), ...(year ? { birth_year: year } : {}), ...(text("commune") ? { address: text("commune") } : {}) };
    // A known visitor's form has no name: the page greeted the person recorded last on this phone.
    const person = typed.name ? typed : await box.person();
    return {
      id: text("id") || crypto.randomUUID(), code, kind: text("action") === "out" ? "out" : "in", at: Date.now(), state: "queued",
      place: "", area: "", commune: "", text: "", who: person?.name ?? "", person,
      companions: text("companions").split(/[\n,;]/).map((name) => name.trim()).filter(Boolean),
      rotating: text("rotating"), corrected: false, corrects: "",
    };
  }

  /** A check-in by the form: to the server, or onto the phone's disk when the server is not there. @param {Request} request @param {string} code */
  async function checkIn(request, code) {
    const read = request.clone().formData();
    const answer = await within(fetch(request), CHECK_IN_MS_MAX);
    if (answer && !BUSY.includes(answer.status)) return answer;
    const form = await read;
    if (form.get("action") === "forget") {
      await box.keepPerson(null);
      return Response.redirect(`/D/${code}?saved=forget`, 303);
    }
    const scan = await scanOf(form, code);
    await box.add(scan);
    await worker.registration.sync?.register("visits").catch(() => {});
    return Response.redirect(`/D/${code}?saved=${scan.id}`, 303);
  }

  worker.addEventListener("install", (/** @type {Lasting} */ event) => event.waitUntil(install()));
  worker.addEventListener("activate", (/** @type {Lasting} */ event) => event.waitUntil(activate()));
  worker.addEventListener("sync", (/** @type {Lasting} */ event) => event.waitUntil(box.send().then((sent) => {
    // A failure makes the browser try again later by itself.
    if (sent.left > 0) throw new Error("some check-ins still wait");
  })));
  worker.addEventListener("fetch", (/** @type {Fetching} */ event) => {
    const { request } = event;
    const address = new URL(request.url);
    if (address.origin !== location.origin) return;
    if (request.method === "GET" && FILES.includes(address.pathname)) {
      event.respondWith(caches.match(address.pathname).then((kept) => kept ?? fetch(request)));
      return;
    }
    const code = /^\/D\/([^/]+)(\/[^/]+)?$/.exec(address.pathname);
    if (request.mode !== "navigate" || !code || code[2] === "/report") return;
    if (request.method === "GET") event.respondWith(page(event, address));
    else if (request.method === "POST" && !code[2]) event.respondWith(checkIn(request, String(code[1])));
  });
}

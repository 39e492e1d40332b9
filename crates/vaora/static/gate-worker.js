// @ts-check
/// <reference path="./worker-head.d.ts" />
// The service worker of the gate and of the screen: their pages open without a network, in one version whole. The server
// writes APP, VERSION and FILES above this. It is registered once for each of the two pages, with the page as its scope.
{
  /**
   * @typedef {Event & { waitUntil: (work: Promise<unknown>) => void }} Lasting
   * @typedef {Lasting & { request: Request, respondWith: (answer: Promise<Response>) => void }} Fetching
   */

  const worker = /** @type {any} */ (self);
  /** The page that this registration keeps: `/gate` or `/screen`. */
  const SHELL = new URL(worker.registration.scope).pathname;
  const FAMILY = `${SHELL.slice(1)}-`;
  const CACHE = `${FAMILY}${VERSION}`;
  const KEPT = new Set(FILES);

  /** The page belongs to the app only when the device is enrolled: a way on to the enrolment is not the app. */
  async function renewShell() {
    const answer = await fetch(new Request(SHELL, { cache: "no-cache", credentials: "same-origin" }));
    if (!answer.ok || answer.redirected) throw new Error(`${SHELL} is not to be had`);
    await (await caches.open(CACHE)).put(SHELL, answer);
  }

  async function install() {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES.map((path) => new Request(path, { cache: "no-cache" })));
    await renewShell();
  }

  async function activate() {
    for (const name of await caches.keys()) if (name.startsWith(FAMILY) && name !== CACHE) await caches.delete(name);
    await worker.clients.claim();
  }

  /** @param {string} path @returns {Promise<Response | undefined>} from this version alone */
  async function kept(path) {
    return (await caches.open(CACHE)).match(path);
  }

  /**
   * A file of the app. A dedicated worker is only ours if its own address lies below the page's: such addresses begin
   * with the page's path. The copy has no address of its own, so that what it imports is asked for below the page too.
   * @param {Request} request @param {string} path
   */
  async function file(request, path) {
    const found = await kept(path);
    if (!found) return fetch(new URL(path, location.origin), { signal: request.signal });
    return new Response(found.body, { status: found.status, headers: found.headers });
  }

  /** The page, from the device where it is there: it opens at once and without a network. @param {Request} request */
  async function page(request) {
    return (await kept(SHELL)) ?? fetch(request);
  }

  /** A change of language: the server sets its cookie, then the page is kept anew. @param {Request} request */
  async function inOtherLanguage(request) {
    const answer = await fetch(request);
    await renewShell().catch(() => {});
    return answer;
  }

  worker.addEventListener("install", (/** @type {Lasting} */ event) => event.waitUntil(install()));
  worker.addEventListener("activate", (/** @type {Lasting} */ event) => event.waitUntil(activate()));
  // The page says when nobody stands before it; until then the former version goes on.
  worker.addEventListener("message", (/** @type {MessageEvent} */ event) => {
    if (event.data === "take-over") void worker.skipWaiting();
  });
  worker.addEventListener("fetch", (/** @type {Fetching} */ event) => {
    const { request } = event;
    const { origin, pathname, searchParams } = new URL(request.url);
    if (origin !== location.origin || request.method !== "GET") return;
    const path = pathname.startsWith(`${SHELL}/static/`) ? pathname.slice(SHELL.length) : pathname;
    if (KEPT.has(path)) event.respondWith(file(request, path));
    else if (request.mode === "navigate" && pathname === SHELL) {
      event.respondWith(searchParams.has("lang") ? inOtherLanguage(request) : page(request));
    }
  });
}

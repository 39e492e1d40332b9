// @ts-check
// The app as a whole: kept on the device by its service worker, and changed for a new version when nobody stands before it.

/** How often a new version is looked for, in milliseconds. */
const LOOK_MS = 30 * 60_000;
/** How often the page is asked whether the moment is quiet, in milliseconds. */
const QUIET_MS = 5_000;

/**
 * Scripts of dedicated workers come from the kept app only below the page's own path.
 * @param {string} path of a static file
 * @param {string} page path of the page
 * @returns {string}
 */
export function workerAddress(path, page) {
  return navigator.serviceWorker?.controller ? `${page}${path}` : path;
}

/**
 * Keeps the page for days without a network.
 * @param {string} page its path
 * @param {{ onWaiting: (apply: () => void) => void, isQuiet: () => boolean }} page_ `onWaiting`: a new version is ready
 * @returns {Promise<void>}
 */
export async function keepApp(page, { onWaiting, isQuiet }) {
  const container = navigator.serviceWorker;
  if (!container) return;
  // The worker asks for the page by itself: it shall get it in the language that stands here. A language that was chosen
  // has its own cookie, which a script can't change.
  document.cookie = `lang=${document.documentElement.lang}; path=/; max-age=31536000; samesite=lax`;
  // The first worker takes the page without changing it; only a later one brings another app.
  let isKept = container.controller !== null;
  container.addEventListener("controllerchange", () => {
    if (isKept) location.reload();
    isKept = true;
  });
  const registration = await container.register("/gate-worker.js", { scope: page, updateViaCache: "none" }).catch(() => undefined);
  if (!registration) return;
  let isTold = false;
  const tell = () => {
    if (isTold || !registration.waiting || !registration.active) return;
    isTold = true;
    const apply = () => registration.waiting?.postMessage("take-over");
    onWaiting(apply);
    setInterval(() => { if (isQuiet()) apply(); }, QUIET_MS);
  };
  const watch = () => registration.installing?.addEventListener("statechange", tell);
  registration.addEventListener("updatefound", watch);
  watch();
  tell();
  setInterval(() => { if (!document.hidden && navigator.onLine) registration.update().catch(() => {}); }, LOOK_MS);
}

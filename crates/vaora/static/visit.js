// @ts-check
// The visitor's page works without this. It only keeps an old success from looking fresh after a reload,
// because the fading done by the stylesheet begins again with each load, and stops a double press.

/** How long a success counts as fresh, in milliseconds. */
const FRESH_MS = 60_000;

const done = document.getElementById("done");
if (done) {
  const key = `done ${done.dataset.stamp}`;
  let seenAt = Date.now();
  try {
    seenAt = Number(sessionStorage.getItem(key)) || seenAt;
    sessionStorage.setItem(key, String(seenAt));
  } catch {
    // Storage may be refused; then the stylesheet's fading alone counts.
  }
  setTimeout(() => done.classList.add("past"), Math.max(0, seenAt + FRESH_MS - Date.now()));
}

for (const form of document.forms) {
  let sentAt = 0;
  form.addEventListener("submit", (event) => {
    if (Date.now() - sentAt < 3000) event.preventDefault();
    else sentAt = Date.now();
  });
}
addEventListener("pageshow", (event) => {
  if (event.persisted && done) location.reload();
});

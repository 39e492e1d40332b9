// @ts-check
// The visitor's page works without this. It keeps an old success from looking fresh after a reload, stops a double
// press, and remembers on this phone who was recorded. What more there is comes after the first check-in: until then
// a visitor has loaded nothing but the page, its stylesheet and this.

/** How long a success counts as fresh, in milliseconds. */
const FRESH_MS = 60_000;
/** What the form last sent was, until the answer shows: JSON. */
const SENT = "vaora-sent";
const PERSON = "vaora-person";
/** A success that is not in the diary yet: JSON. The diary's own script may come too late, when the page is left at once. */
const DONE = "vaora-done";

/** Storage may be refused; then the page does what it can without. @template T @param {() => T} work @returns {T | null} */
function stored(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

/** @param {HTMLElement} done @param {{ id?: string } | null} sent */
function age(done, sent) {
  // By the form's id where it is known: a form sent again by a reload is answered anew, and is the same check-in.
  const key = `done ${sent?.id ?? done.dataset.stamp}`;
  const seenAt = stored(() => Number(sessionStorage.getItem(key))) || Date.now();
  stored(() => sessionStorage.setItem(key, String(seenAt)));
  setTimeout(() => done.classList.add("past"), Math.max(0, seenAt + FRESH_MS - Date.now()));
}

/** @param {HTMLFormElement} form @param {HTMLElement | null} submitter */
function remember(form, submitter) {
  const data = new FormData(form);
  const text = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
  const action = submitter instanceof HTMLButtonElement ? submitter.value : "";
  if (action === "forget") stored(() => localStorage.removeItem(PERSON));
  if (action !== "in" && action !== "out") return;
  const year = Number(text("birth_year"));
  const person = text("name") && { name: text("name"), phone: text("phone"), ...(year ? { birth_year: year } : {}), ...(text("commune") ? { address: text("commune") } : {}) };
  stored(() => sessionStorage.setItem(SENT, JSON.stringify({ id: text("id"), companions: text("companions"), rotating: text("rotating"), person: person || null })));
}

const done = document.getElementById("done");
if (done) {
  const sent = stored(() => JSON.parse(sessionStorage.getItem(SENT) ?? "null"));
  age(done, sent);
  if (sent?.person) stored(() => localStorage.setItem(PERSON, JSON.stringify(sent.person)));
  const success = { ...done.dataset, sent };
  stored(() => localStorage.setItem(DONE, JSON.stringify(success)));
  void import("./visit/after.js").then((after) => after.recorded(done, success));
} else if (navigator.serviceWorker?.controller) {
  // Somebody who was here before has it on his phone already.
  void import("./visit/returning.js").then((returning) => returning.greet());
}

for (const form of document.forms) {
  let sentAt = 0;
  form.addEventListener("submit", (event) => {
    if (Date.now() - sentAt < 3000) event.preventDefault();
    else {
      sentAt = Date.now();
      remember(form, event.submitter);
    }
  });
}
addEventListener("pageshow", (event) => {
  if (event.persisted && done) location.reload();
});

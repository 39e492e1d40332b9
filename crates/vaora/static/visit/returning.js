// @ts-check
// A poster's page opened again with a network: sends what waits, and tells what only this phone knows.
import { INSIDE_MS_MAX, insideSince } from "./pair.js";
import { box, finishForgetting, noteDone, savedPerson } from "./store.js";
import { clockAndDay } from "./time.js";

export async function greet() {
  if (await finishForgetting()) {
    location.reload();
    return;
  }
  await noteDone();
  const form = document.getElementById("check-in");
  const who = document.querySelector(".hello strong")?.textContent ?? "";
  if (form && !who) await fillIn();
  await Promise.allSettled([form && who ? showInside(form, who) : null, box.send()]);
}

/** The server asks who it is, as its cookie is gone; the phone may know. */
async function fillIn() {
  const person = savedPerson();
  if (!person) return box.keepPerson(null);
  const known = { name: person.name, phone: person.phone, birth_year: person.birth_year ?? "", commune: person.address ?? "" };
  for (const [id, value] of Object.entries(known)) {
    const input = document.getElementById(id);
    if (input instanceof HTMLInputElement && input.value === "") input.value = String(value);
  }
}

/**
 * The server's cookie does not know what went through the queue; where the diary has something on this place, it decides.
 * @param {HTMLElement} form @param {string} who
 */
async function showInside(form, who) {
  const code = form.dataset.code ?? "";
  const now = Date.now();
  const scans = (await box.scans()).filter((scan) => scan.code === code && scan.who === who && now - scan.at < INSIDE_MS_MAX);
  const last = scans[scans.length - 1];
  if (!last) return;
  const open = insideSince(scans, code, who, now);
  form.querySelector(":scope > p.box")?.remove();
  const said = document.createElement("p");
  said.className = "box";
  if (open) said.textContent = (form.dataset.inside ?? "").replace("{time}", clockAndDay(open.at));
  if (last.state === "queued") said.append(` ${form.dataset.waits}`);
  if (said.textContent) form.querySelector(".hello")?.after(said);
  form.querySelector(".go.in")?.classList.toggle("quiet", open !== null);
  form.querySelector(".go.out")?.classList.toggle("quiet", open === null);
}

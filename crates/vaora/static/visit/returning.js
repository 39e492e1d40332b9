// @ts-check
// A poster's page opened again with a network: sends what waits, and tells what only this phone knows.
import { insideSince } from "./pair.js";
import { box, finishForgetting } from "./store.js";
import { clockAndDay } from "./time.js";

export async function greet() {
  if (await finishForgetting()) {
    location.reload();
    return;
  }
  const form = document.getElementById("check-in");
  const who = document.querySelector(".hello strong")?.textContent ?? "";
  await Promise.allSettled([form && who ? showInside(form, who) : null, box.send()]);
}

/** The server's cookie does not know of a check-in that went through the queue; the diary does. @param {HTMLElement} form @param {string} who */
async function showInside(form, who) {
  if (form.querySelector(":scope > p.box")) return;
  const scans = await box.scans();
  const open = insideSince(scans, form.dataset.code ?? "", who, Date.now());
  if (!open) return;
  const said = document.createElement("p");
  said.className = "box";
  said.textContent = (form.dataset.inside ?? "").replace("{time}", clockAndDay(open.at));
  if (open.state === "queued") said.append(` ${form.dataset.waits}`);
  form.querySelector(".hello")?.after(said);
  form.querySelector(".go.in")?.classList.add("quiet");
  form.querySelector(".go.out")?.classList.remove("quiet");
}

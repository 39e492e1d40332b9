// @ts-check
// Enrolment makes this device another gate's: the former gate's kit must not be at hand when the gate's page opens.
import { Outbox } from "../queue/outbox.js";
import { KIT } from "./kit.js";

const form = document.querySelector("form[action='/gate/enrol']");
form?.addEventListener("submit", async (event) => {
  if (!(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  try {
    const outbox = await Outbox.open();
    await outbox.putMeta(KIT, undefined);
    outbox.close();
  } catch {
    // Where nothing can be kept, no kit is at hand either.
  }
  form.submit();
});

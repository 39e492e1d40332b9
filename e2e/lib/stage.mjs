// What a test file plays on: a demo and browsers, opened together and all closed, also when one of them fails.
import { startDemo } from "./demo.mjs";

/**
 * @template {Record<string, Promise<{ close(): Promise<void> }>>} T
 * @param {T} browsers being launched, by name
 * @returns {Promise<{ demo: Awaited<ReturnType<typeof startDemo>>, close: () => Promise<void> } & { [K in keyof T]: Awaited<T[K]> }>}
 */
export async function openStage(browsers) {
  const names = Object.keys(browsers);
  const [started, ...launched] = await Promise.allSettled([startDemo(), ...Object.values(browsers)]);
  const close = async () => {
    for (const one of launched) if (one.status === "fulfilled") await one.value.close();
    if (started.status === "fulfilled") await started.value.stop();
  };
  const failed = [started, ...launched].find((one) => one.status === "rejected");
  if (failed?.status === "rejected" || started.status === "rejected") {
    await close();
    throw failed?.status === "rejected" ? failed.reason : new Error("the demo did not start");
  }
  const opened = Object.fromEntries(names.map((name, index) => {
    const one = launched[index];
    return [name, one?.status === "fulfilled" ? one.value : undefined];
  }));
  return /** @type {any} */ ({ demo: started.value, close, ...opened });
}

// Runs inside the cluster. Waits until all pods, given by address, run the same config, loaded without errors and with another hash
// than --not. Prints its hash.

import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

/** The kubelet updates a changed Secret within its sync period plus the lifetime of its cache, a minute each by default. */
const withinMs = 150_000;

const { values, positionals: addresses } = parseArgs({
  options: { not: { type: "string", default: "" } },
  allowPositionals: true,
});
const startedAt = performance.now();
for (;;) {
  const states = await Promise.all(addresses.map(stateOf));
  const [first = ""] = states;
  if (first !== "" && first !== values.not && states.every((state) => state === first)) {
    console.log(first);
    break;
  }
  if (performance.now() - startedAt > withinMs) throw new Error(`the pods run ${states.join(", ")}`);
  await delay(250);
}

/** The hash of the running config; "" if the last load failed. */
async function stateOf(address: string): Promise<string> {
  const host = address.includes(":") ? `[${address}]` : address;
  const text = await (await fetch(`http://${host}:8060/metrics`)).text();
  return value(text, "config_last_reload_successful") === "1" ? value(text, "config_hash") : "";
}

function value(text: string, name: string): string {
  return new RegExp(`^alertmanager_wecom_${name} (\\S+)$`, "mu").exec(text)?.[1] ?? "";
}

// One of our helpers in; the function that Handlebars calls for it out. An error gains the helper's name.
import type Handlebars from "handlebars";
import type { Helper } from "./helpers.ts";

/** Handlebars passes the arguments one by one and its own options last. */
export function bindHelper(name: string, helper: Helper): (...received: unknown[]) => unknown {
  return (...received) => {
    const { data } = received.at(-1) as Handlebars.HelperOptions;
    try {
      return helper.call(received.slice(0, -1), { now: data.now, timezone: data.timezone, root: data.root });
    } catch (cause) {
      throw new Error(`helper "${name}": ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  };
}

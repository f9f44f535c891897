// Debian's Chromium (or Chrome) without a window, driven through playwright-core, which brings no browser of its own.

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Installed by scripts/install-e2e-tools.sh. */
const executables = ["/usr/bin/chromium", "/usr/bin/google-chrome"];

/** @param hosts where a host name leads, as `name` to `address:port` */
export function openBrowser(hosts: Readonly<Record<string, string>> = {}): Promise<Browser> {
  const executablePath = executables.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error(`there is none of ${executables.join(", ")}`);
  const rules = Object.entries(hosts).map(([name, place]) => `MAP ${name} ${place}`);
  return chromium.launch({ executablePath, args: [`--host-resolver-rules=${rules.join(",")}`] });
}

// Flags that more than one command takes, named as in the Prometheus family.

import type { FlagSpec } from "./flags.ts";

export const configFlags = {
  "config.file": { kind: "text", help: "path of the config file; without it, built-in defaults" },
  "web.listen-address": { kind: "text", help: "address to listen on", fallback: ":8060" },
} as const satisfies Readonly<Record<string, FlagSpec>>;

export const webFlags = {
  "web.config.file": {
    kind: "text",
    help: "file with TLS and users, in exporter-toolkit's format; without it, plain HTTP",
  },
} as const satisfies Readonly<Record<string, FlagSpec>>;

export const logFlags = {
  "log.level": { kind: "text", help: "debug, info, warn or error", fallback: "info" },
  "log.format": { kind: "text", help: "logfmt or json", fallback: "logfmt" },
} as const satisfies Readonly<Record<string, FlagSpec>>;

// The recorded and hand-written webhook bodies of test/fixtures/webhooks, read the way the service reads a request.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { Alert, AlertGroup } from "../../../src/domain/alert.ts";
import { type Normalized, type NormalizedGroup, normalize } from "../../../src/normalize/normalize.ts";
import { parseBody } from "../../../src/normalize/parse-body.ts";
import { type BodyContext, offsetsOf } from "../../../src/normalize/read-times.ts";

const webhooks = new URL("../../fixtures/webhooks/", import.meta.url);

export interface Row {
  readonly file: string;
  /** The shape that is detected, or the code of the rejection. */
  readonly outcome: string;
}

/** The table in own/README.md. */
export function ownRows(): readonly Row[] {
  const readme = readFileSync(new URL("own/README.md", webhooks), "utf8");
  return [...readme.matchAll(/^\| ([\w.-]+\.(?:json|txt)) \| ([\w-]+) \|/gm)].map(([, file = "", outcome = ""]) => ({
    file,
    outcome,
  }));
}

/** The bodies of a folder, without the recorded headers and the README. */
export function bodyFiles(folder: "own" | "captured"): readonly string[] {
  const files = readdirSync(new URL(`${folder}/`, webhooks));
  return files.filter((file) => !file.endsWith(".headers.json") && file !== "README.md");
}

export function readBytes(path: string): Uint8Array {
  return readFileSync(new URL(path, webhooks));
}

/** Noon of 30 November 2026 in Shanghai. */
export const context: BodyContext = {
  offsetAt: offsetsOf("Asia/Shanghai"),
  receivedAt: Date.UTC(2026, 10, 30, 4),
  lossyBody: null,
  alertmanagerOf: () => null,
};

export function normalizeBytes(bytes: Uint8Array, charset: string | null = null): Normalized {
  const parsed = parseBody(bytes, charset);
  if (parsed.kind === "rejected") return parsed;
  return normalize(parsed.body, { ...context, lossyBody: parsed.lossyBody });
}

export function accepted(normalized: Normalized): NormalizedGroup {
  assert.equal(normalized.kind, "group", JSON.stringify(normalized));
  return normalized as NormalizedGroup;
}

export function groupOf(path: string): AlertGroup {
  return accepted(normalizeBytes(readBytes(path))).group;
}

/** The first alert of a group. */
export function alertOf(group: AlertGroup, index = 0): Alert {
  const alert = group.alerts[index];
  assert.ok(alert, `the group has no alert ${index}`);
  return alert;
}

/** The group of a body that is given as data. */
export function groupFrom(body: unknown): AlertGroup {
  return accepted(normalize(body, context)).group;
}

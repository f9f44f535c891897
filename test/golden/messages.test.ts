// The default messages over all inputs of the project: what an alert says is in them, their first characters say how bad
// and what, and they are as short as they were designed.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { AlertGroup } from "../../src/domain/alert.ts";
import type { Language } from "../../src/domain/message-kind.ts";
import { normalize } from "../../src/normalize/normalize.ts";
import { parseBody } from "../../src/normalize/parse-body.ts";
import { prepareViews } from "../../src/render/view/group-view.ts";
import { messageText } from "../../src/wecom/message.ts";
import { context } from "../stages/normalize/fixture.ts";
import { missingFrom } from "../stages/render/audit.ts";
import { deliveryOf, renderSample, settings } from "../stages/render/deliveries.ts";
import { messageBytes } from "./message-bytes.ts";

const root = join(import.meta.dirname, "..", "..");
const folders = ["test/golden", "test/fixtures/webhooks", "templates/samples"];
const bodies = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json") && !/out\.json$|scenario\.json$/.test(name))
    .map((name) => join(folder, name)),
);

function groupOf(path: string): AlertGroup | null {
  const parsed = parseBody(readFileSync(join(root, path)));
  const normalized =
    parsed.kind === "rejected" ? parsed : normalize(parsed.body, { ...context, lossyBody: parsed.lossyBody });
  return normalized.kind === "rejected" ? null : normalized.group;
}

const groups = bodies.flatMap((path) => {
  const group = groupOf(path);
  return group === null || group.alerts.length === 0 ? [] : [{ path, group }];
});

const kinds = [
  ["markdown", "zh"],
  ["markdown", "en"],
  ["markdown_v2", "zh"],
  ["text", "zh"],
] as const;

describe("what alerts say is in their messages", () => {
  for (const [kind, language] of kinds) {
    test(`${kind} in ${language}`, () => {
      const missing = groups.flatMap(({ path, group }) => {
        const rendered = renderSample(group, { messages: [kind], look: { language } });
        if (rendered.shortenedValues > 0) return [];
        const shown = rendered.parts.map(({ message }) => messageText(message));
        return missingFrom(group, shown, language).map((what) => `${path}: ${what}`);
      });

      assert.deepEqual(missing, []);
    });
  }
});

/** A phone that is locked shows little more. */
const firstChars = 20;

test("a message begins with its severity and the name, without markup before them", () => {
  // Of these the severity itself is markup.
  for (const { path, group } of groups.filter((one) => !one.path.includes("alert-text-is-data"))) {
    for (const language of ["zh", "en"] as const) {
      const [body = ""] = renderSample(group, { look: { language } }).parts.map(({ message }) => messageText(message));
      const { lead, firstName } = leadOf(group, language);
      const visible = body.replace(/\*\*|`/g, "").slice(0, 400);

      assert.ok(visible.startsWith(`${lead} ${firstName.slice(0, 2)}`), `${path}: ${body.slice(0, 60)}`);
      assert.ok([...`${lead} ${firstName.slice(0, 2)}`].length <= firstChars, `${path}: ${lead}`);
    }
  }
});

function leadOf(group: AlertGroup, language: Language) {
  return prepareViews(deliveryOf(group), { ...settings, language }).facts;
}

test("messages have at most a tenth more bytes than they were designed to have", () => {
  const rows = messageBytes();
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  const aim = rows.reduce((sum, row) => sum + row.aim, 0);

  assert.ok(bytes <= aim * 1.1, `${bytes} bytes, ${aim} were aimed at`);
});

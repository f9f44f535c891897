// The default messages over all inputs of the project: what an alert says is in them, their first characters say how bad
// and what, and they are as short as they were designed.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Alert, AlertGroup } from "../../src/domain/alert.ts";
import type { MessageKind } from "../../src/domain/message-kind.ts";
import { normalize } from "../../src/normalize/normalize.ts";
import { parseBody } from "../../src/normalize/parse-body.ts";
import type { WecomMessage } from "../../src/wecom/message.ts";
import { context } from "../stages/normalize/fixture.ts";
import { missingFrom, readableText } from "../stages/render/audit.ts";
import { renderSample } from "../stages/render/deliveries.ts";
import { badOpenings } from "../stages/render/opening.ts";
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

const kinds = ["markdown", "markdown_v2", "text", "text_notice", "news_notice"] as const;
const languages = ["zh", "en"] as const;

describe("what alerts say is in their messages", () => {
  for (const kind of kinds) {
    for (const language of languages) {
      test(`${kind} in ${language}`, () => {
        const missing = groups.flatMap(({ path, group }) => {
          const rendered = renderSample(pictured(group, kind), { messages: [kind], look: { language } });
          if (rendered.shortenedValues > 0) return [];
          const shown = rendered.parts.map(({ message }) => readableText(message));
          return missingFrom(group, shown, language).map((what) => `${path}: ${what}`);
        });

        assert.deepEqual(missing, []);
      });
    }
  }
});

/** A card of this kind needs one. */
function pictured(group: AlertGroup, kind: MessageKind): AlertGroup {
  if (kind !== "news_notice") return group;
  const withPicture = (alert: Alert) => ({ ...alert, links: { ...alert.links, imageURL: "https://a.example/p.png" } });
  return { ...group, alerts: group.alerts.map(withPicture) };
}

describe("a message begins with a severity and the beginning of a name, without markup before them", () => {
  // Of these the severity itself is markup, or there is no alert: somebody did something.
  const plain = (path: string) => !/alert-text-is-data|announcement-of|announcements-wait/.test(path);

  for (const kind of [...kinds, "news"] as const) {
    test(`${kind}, of every input`, () => {
      for (const language of languages) {
        const bad = groups.flatMap(({ path, group }) => {
          const { parts } = renderSample(pictured(group, kind), { messages: [kind], look: { language } });
          const messages = parts.map(({ message }) => message);
          return plain(path) ? badOpenings(messages, [group], language).map((text) => `${path}: ${text}`) : [];
        });

        assert.deepEqual(bad, []);
      }
    });
  }

  test("every scenario", () => {
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const bad = folders.flatMap(({ name }) => {
      const own = groups.filter(({ path }) => path.startsWith(join("test/golden", `${name}/`)));
      const config = readFileSync(join(import.meta.dirname, name, "config.yaml"), "utf8");
      const outs = JSON.parse(readFileSync(join(import.meta.dirname, name, "out.json"), "utf8")) as readonly Sent[];
      const messages = outs.flatMap((out) => out.messages);
      const inBoth = languages.map((language) =>
        badOpenings(
          messages,
          own.map(({ group }) => group),
          language,
        ),
      );
      const inNone = (inBoth[0] ?? []).filter((text) => inBoth[1]?.includes(text));
      return plain(name) && !config.includes("templates:") ? inNone.map((text) => `${name}: ${text}`) : [];
    });

    assert.deepEqual(bad, []);
  });
});

interface Sent {
  readonly messages: readonly WecomMessage[];
}

test("messages have at most a tenth more bytes than they were designed to have", () => {
  const rows = messageBytes();
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  const aim = rows.reduce((sum, row) => sum + row.aim, 0);

  assert.ok(bytes <= aim * 1.1, `${bytes} bytes, ${aim} were aimed at`);
});

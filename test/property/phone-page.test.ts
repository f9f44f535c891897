// For all alerts: the markup of the phone page does not depend on their text. The page of an alert with any text has the same elements
// as that of an alert with plain letters in the same places.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { alertPage } from "../../src/actions/alert-page.ts";
import type { PageContext, PhoneView } from "../../src/actions/page-parts.ts";
import { pageStrings } from "../../src/actions/strings.ts";
import { createViews, phoneViewsFolder } from "../../src/console/views.ts";
import { builtInSeverities } from "../../src/domain/severity.ts";
import { deliveryOf, now, sampleAlert, sampleGroup } from "../stages/render/deliveries.ts";

const views = createViews(phoneViewsFolder);

function contextWith(text: string): PageContext {
  return {
    language: "zh",
    strings: pageStrings("zh"),
    now,
    severities: builtInSeverities,
    reader: { provenName: null, remembered: text, people: [`p${text}`], isAdmin: true, logIn: null },
    banner: { level: "bad", role: "alert", text: "x", detail: text },
    linkTo: () => "token",
    self: "token",
    acknowledgements: [],
  };
}

function pageOf(text: string): PhoneView {
  const labels = { alertname: text, instance: text, [`l${text}`]: text };
  const alert = sampleAlert(labels, {
    annotations: { summary: text, description: `${text}.`, value: text, note: text },
  });
  const { routed } = deliveryOf(sampleGroup([alert]));
  const current = { labels, startsAt: now, silencedBy: ["a"], isInhibited: true };
  const silences = [{ id: "a", endsAt: now + 1, createdBy: text, comment: text, isActive: true }];
  const scope = {
    scope: "instance",
    matchers: [{ name: "instance", op: "=", value: text }],
    except: [],
    covered: [current],
  } as const;
  return alertPage(
    {
      routed,
      look: { now: { kind: "firing", current, silences }, scopes: [scope] },
      graph: "",
      rules: { durationsMs: [3_600_000], maxMs: 3_600_000, scopes: ["instance"], never: [] },
    },
    contextWith(text),
  );
}

/** The elements and the names of their attributes. */
function markupOf({ view, title, model }: PhoneView): readonly string[] {
  const html = views(view, { ...model, title, style: "" });
  return [...html.matchAll(/<[^>]*>/gu)].map(([tag]) => tag.replace(/="[^"]*"/gu, ""));
}

test("no text of an alert, and no name of a reader, makes markup", () => {
  const plain = markupOf(pageOf("aaa"));
  const hostile = fc.constantFrom(
    "<script>",
    "'\"><img src=x>",
    "</style>",
    "{{t.who}}",
    "&lt;b&gt;",
    "\u0000",
    "\n",
    "`",
  );
  const pieces = fc.array(fc.oneof(hostile, fc.string({ unit: "grapheme", maxLength: 5 })), { maxLength: 5 });

  fc.assert(
    fc.property(pieces, (texts) => {
      assert.deepEqual(markupOf(pageOf(`a${texts.join("")}a`)), plain);
    }),
  );
});

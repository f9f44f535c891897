// docs/templates.md names every field of the view and none that does not exist, and its examples print what it says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { noMentions } from "../../../../src/render/mention.ts";
import { renderDelivery } from "../../../../src/render/render.ts";
import { digestFacts, rowsOf, viewDigestRun } from "../../../../src/render/view/digest-view.ts";
import { prepareViews, viewWholeGroup } from "../../../../src/render/view/group-view.ts";
import { stringsFor } from "../../../../src/render/view/strings.ts";
import { cardOf, deliveryOf, markdownOf, ownTemplates, sampleAlert, sampleGroup, settings } from "../deliveries.ts";

const page = readFileSync(new URL("../../../../docs/templates.md", import.meta.url), "utf8");

const alerts = [
  sampleAlert(
    { alertname: "HighLoad", severity: "warning", instance: "web-1", owner: "zhang.san" },
    { annotations: { summary: "load is 17", runbook_url: "http://r.example/" } },
  ),
  sampleAlert(
    { alertname: "HighLoad", severity: "warning", instance: "web-2" },
    { annotations: { summary: "load is 23", runbook_url: "http://r.example/" } },
  ),
];
const group = sampleGroup(alerts);

function section(title: string): string {
  const start = page.indexOf(`\n${title}\n`);
  assert.notEqual(start, -1, title);
  return page.slice(start + 1).split(/\n#{2,3} /)[0] ?? "";
}

function documentedFields(title: string): readonly string[] {
  const rows = section(title)
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  const names = rows.flatMap((row) =>
    Array.from((row.split(" | ")[0] ?? "").matchAll(/`(\w+)`/g), (match) => match[1]),
  );
  return names.map((name) => name ?? "").sort();
}

describe("the page lists the fields of the view", () => {
  const views = prepareViews(deliveryOf(group), settings);

  test("of a group", () => {
    assert.deepEqual(documentedFields("### The group"), Object.keys(viewWholeGroup(views)).sort());
  });

  test("of an alert", () => {
    assert.deepEqual(documentedFields("### An alert"), Object.keys(views.alerts[0] ?? {}).sort());
  });
});

test("the page lists the fields of the view of a digest", () => {
  const delivery = {
    kind: "digest",
    bot: "ops",
    late: false,
    urgent: false,
    groups: [deliveryOf(group)],
    acceptedAt: 0,
  } as const;
  const rows = rowsOf(delivery.groups, settings).map(({ row }) => row);
  const run = viewDigestRun(rows, { number: 1, total: 1, partText: "", mentions: noMentions }, stringsFor("zh"));
  const view = { ...digestFacts(delivery, { rows, announcements: [] }, settings), ...run };

  assert.deepEqual(documentedFields("### A digest"), Object.keys(view).sort());
  const said = section("### A digest").split("A row has")[1] ?? "";
  const fields = [...said.matchAll(/`(\w+)`/g)].map(([, field]) => field);
  assert.deepEqual(fields.sort(), Object.keys(rows[0] ?? {}).sort());
});

describe("the examples of the page print what the page shows", () => {
  const blocks = [...section("## Examples").matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, kind, text]) => ({
    kind,
    text,
  }));
  const own = (text: string, card?: string) =>
    ownTemplates({ "x.markdown.hbs": text, ...(card === undefined ? {} : { "x.text_notice.yaml": card }) });

  for (const [index, { kind, text = "" }] of blocks.entries()) {
    if (kind !== "handlebars") continue;
    test(`markdown ${index}`, () => {
      const rendered = renderDelivery(deliveryOf(group, { template: "x" }), own(text), settings);

      assert.deepEqual(rendered.templateFailures, []);
      assert.deepEqual(markdownOf(rendered), [blocks[index + 1]?.text?.trimEnd()]);
    });
  }

  test("the card names both alerts, so nothing follows it", () => {
    const yaml = blocks.find(({ kind }) => kind === "yaml")?.text ?? "";

    const rendered = renderDelivery(
      deliveryOf(group, { messages: ["text_notice"], template: "x" }),
      own("x", yaml),
      settings,
    );

    assert.equal(rendered.parts.length, 1);
    assert.equal(cardOf(rendered).sub_title_text, "web-1 zhang.san load is 17 web-2 load is 23");
  });
});

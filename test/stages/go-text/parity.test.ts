// What Alertmanager's own engine printed for 102 expressions, and what our helpers print for the same in Handlebars.
import assert from "node:assert/strict";
import { test } from "node:test";
import { wire } from "../../../src/go-text/template-values.ts";
import { parseTimestamp } from "../../../src/go-text/timestamp.ts";
import { createEnvironment, type RenderContext } from "../../../src/render/template/environment.ts";
import golden from "../../fixtures/template-functions-golden.json" with { type: "json" };
import { TRANSLATIONS, WITHOUT_EQUIVALENT } from "./translations.ts";

const CONTEXT: RenderContext = { now: Date.UTC(2026, 10, 22, 9), timezone: "UTC", language: "en" };
const ENVIRONMENT = createEnvironment();

const VIEW = {
  ...golden.data,
  notificationReason: golden.data.notification_reason,
  alerts: golden.data.alerts.map((alert) => {
    const times = { startsAt: parseTimestamp(alert.startsAt), endsAt: parseTimestamp(alert.endsAt) };
    return { ...alert, ...times, duration: "only for templates", [wire]: () => ({ ...alert, ...times }) };
  }),
};

function render(text: string): string {
  const compiled = ENVIRONMENT.compile({ name: "golden", path: "golden.hbs", text, language: null }, () =>
    assert.fail("triple braces do not escape"),
  );
  assert.equal(compiled.kind, "compiled", JSON.stringify(compiled));
  return compiled.kind === "compiled" ? compiled.template.render(VIEW, CONTEXT) : "";
}

for (const { template, output, error } of golden.cases) {
  const translation = TRANSLATIONS[template];
  if (translation === undefined) continue;
  test(`${translation} is ${error === null ? JSON.stringify(output) : "an error"}, like ${template}`, () => {
    if (error !== null) {
      assert.throws(() => render(translation), { code: "template_failed" });
    } else {
      // The recorder took one line end off, which only println prints.
      assert.equal(render(translation).replace(/\n$/, ""), output);
    }
  });
}

test("every golden expression is translated, or listed with the reason why it is not", () => {
  const listed = new Set([...Object.keys(TRANSLATIONS), ...Object.keys(WITHOUT_EQUIVALENT)]);

  const expressions = golden.cases.map(({ template }) => template);

  assert.deepEqual([...listed].sort(), [...expressions].sort());
});

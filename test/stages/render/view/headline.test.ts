import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headlineOf } from "../../../../src/render/view/headline.ts";
import { stringsFor } from "../../../../src/render/view/strings.ts";
import { plainDisplay } from "../../../support/look.ts";

describe("a headline leaves room for the name: first without flags, then with less of a long word", () => {
  const settings = { display: plainDisplay, strings: stringsFor("en") };
  const cases = [
    ["Critical", 1, [], 17, "🔴 Critical", ""],
    ["Critical", 25, ["🔁"], 17, "🔴🔁 Critical ×25", ""],
    ["Critical", 2500, ["🔁", "⏰"], 17, "🔴 Critical ×2500", ""],
    ["Critical", 25, ["🔁"], 13, "🔴 Critical×25", ""],
    ["service-impacting", 25, ["🔁"], 17, "🔴 service-i… ×25", " (service-impacting)"],
    ["service-impacting", 1, [], 13, "🔴 service-im…", " (service-impacting)"],
  ] as const;
  for (const [severityWord, count, flags, leadMaxChars, lead, aside] of cases) {
    test(`${lead} in ${leadMaxChars} characters`, () => {
      const one = {
        name: "A",
        mark: "🔴",
        severityWord,
        severity: "s",
        stateKind: "firing",
        stateWord: "Firing",
      } as const;

      const head = headlineOf(Array(count).fill(one), { flags, isCounted: false, leadMaxChars, settings });

      assert.equal(head.lead, lead);
      assert.equal(head.aside, aside);
      assert.ok([...head.lead].length <= leadMaxChars);
    });
  }
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AlertingRule } from "../../../../src/graph/datasource/answer.ts";
import { ruleExpression } from "../../../../src/graph/datasource/rule.ts";

const rule = (query: string, labels: AlertingRule["labels"] = {}, groupId: string | null = null): AlertingRule => ({
  ...{ name: "DiskFull", query, labels, groupId },
});

const alert = { labels: { alertname: "DiskFull", severity: "page", instance: "a" } };

describe("ruleExpression", () => {
  const rules = [rule("disk > 0.8", { severity: "warning" }), rule("disk > 0.9", { severity: "page" })];

  it("is that of the generatorURL, where a rule of that name has it", () => {
    assert.equal(ruleExpression(rules, alert, { expression: "disk > 0.8", groupId: null }), "disk > 0.8");
  });

  it("is as the rule writes it, where only white space differs", () => {
    const written = [rule("disk\n  > 0.8")];

    assert.equal(ruleExpression(written, alert, { expression: "disk > 0.8", groupId: null }), "disk\n  > 0.8");
  });

  it("is none for an expression that no rule of that name has", () => {
    const forged = 'count({__name__=~".+"})';

    assert.equal(ruleExpression(rules, alert, { expression: forged, groupId: null }), null);
    assert.equal(
      ruleExpression([{ ...rule(forged), name: "Other" }], alert, { expression: forged, groupId: null }),
      null,
    );
    assert.equal(ruleExpression(rules, { labels: {} }, { expression: "disk > 0.8", groupId: null }), null);
  });

  it("without one in the generatorURL, is that of the only rule that could have made the labels", () => {
    assert.equal(ruleExpression(rules, alert, { expression: null, groupId: null }), "disk > 0.9");
  });

  it("takes templates and removed labels for possible", () => {
    const templated = [rule("disk > 0.9", { owner: "{{ $labels.team }}", job: "" })];

    assert.equal(ruleExpression(templated, alert, { expression: null, groupId: null }), "disk > 0.9");
  });

  it("is none where several rules could be meant", () => {
    const ambiguous = [rule("disk > 0.8"), rule("disk > 0.9")];

    assert.equal(ruleExpression(ambiguous, alert, { expression: null, groupId: null }), null);
  });

  it("is that of vmalert's group, where several rules could be meant", () => {
    const grouped = [rule("disk > 0.8", {}, "1"), rule("disk > 0.9", {}, "2")];

    assert.equal(ruleExpression(grouped, alert, { expression: null, groupId: "2" }), "disk > 0.9");
    assert.equal(ruleExpression(grouped, alert, { expression: null, groupId: "3" }), null);
  });
});

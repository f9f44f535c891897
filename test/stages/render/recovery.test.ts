// What messages say of the value at recovery, by the recovery that a datasource found.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Alert } from "../../../src/domain/alert.ts";
import type { Recovery } from "../../../src/domain/recovery.ts";
import { messageText } from "../../../src/wecom/message.ts";
import { cardOf, type DeliveryChoices, now, renderSample, sampleAlert, sampleGroup } from "./deliveries.ts";

const disk = sampleAlert({ alertname: "DiskFull", instance: "web-1" }, { status: "resolved" });

const fell: Recovery = {
  kind: "value",
  value: "65%",
  thresholds: ["> 90%"],
  at: now - 55_000,
  isBreaching: false,
};

function textOf(alerts: readonly Alert[], recoveries: readonly (Recovery | null)[], choices: DeliveryChoices = {}) {
  const known = alerts.flatMap(({ identity }, n) => {
    const recovery = recoveries[n] ?? null;
    return recovery === null ? [] : [[identity, recovery] as const];
  });
  const delivery = { ...choices.delivery, recoveries: new Map(known) };
  const { parts } = renderSample(sampleGroup(alerts), { ...choices, delivery });
  return parts.map(({ message }) => messageText(message)).join("\n");
}

const english = { look: { language: "en" } } as const;

describe("a resolved alert", () => {
  const cases: readonly (readonly [recovery: Recovery, zh: string, en: string])[] = [
    [fell, "恢复值 65%（阈值 > 90%，16:29:05 的样本）", "value at recovery 65% (threshold > 90%, sample of 16:29:05)"],
    [
      { ...fell, thresholds: ["> 10", "< 100"], at: now - 86_400_000 },
      "恢复值 65%（阈值 > 10 且 < 100，2026-11-21 16:30:00 的样本）",
      "value at recovery 65% (threshold > 10 and < 100, sample of 2026-11-21 16:30:00)",
    ],
    [
      { ...fell, value: "95%", isBreaching: true },
      "恢复时的值 95% 仍满足告警条件（> 90%，16:29:05 的样本）",
      "value at recovery 95% still meets the condition (> 90%, sample of 16:29:05)",
    ],
    [{ kind: "gone" }, "序列已消失，不是数值恢复正常", "the series is gone; its value did not return to normal"],
  ];
  for (const messages of [["markdown"], ["markdown_v2"], ["text"], ["text_notice"]] as const) {
    for (const [recovery, zh, en] of cases) {
      it(`says in ${messages[0]}: ${en}`, () => {
        assert.ok(textOf([disk], [recovery], { messages }).includes(zh), textOf([disk], [recovery], { messages }));
        const text = textOf([disk], [recovery], { messages, ...english });
        assert.ok(text.includes(en), text);
      });
    }
  }

  it("whose series is gone is closed, not recovered", () => {
    assert.match(textOf([disk], [{ kind: "gone" }]), /已关闭/u);
    assert.doesNotMatch(textOf([disk], [{ kind: "gone" }]), /已恢复/u);
    assert.match(textOf([disk], [fell]), /已恢复/u);
  });

  it("says nothing about its recovery where nothing is known", () => {
    assert.doesNotMatch(textOf([disk], [null]), /恢复值|阈值|序列/u);
  });

  it("says it beside the value of the time when it fired", () => {
    const alert = sampleAlert(disk.labels, { status: "resolved", annotations: { value: "93%" } });

    assert.match(textOf([alert], [fell]), /告警时的值 .*93%.*恢复值 65%/u);
  });
});

describe("the card of a resolved alert", () => {
  const links = {
    generatorURL: "http://p/graph",
    silenceURL: null,
    dashboardURL: null,
    panelURL: null,
    imageURL: null,
  };
  const alert = sampleAlert(disk.labels, { status: "resolved", annotations: { value: "93%" }, links });

  it("has no big value beside the value at recovery: clients show no quote there", () => {
    const cardWith = (recoveries: ReadonlyMap<string, Recovery>) =>
      cardOf(renderSample(sampleGroup([alert]), { messages: ["text_notice"], delivery: { recoveries } }));

    assert.equal(cardWith(new Map()).emphasis_content?.title, "93%");
    assert.equal(cardWith(new Map([[alert.identity, fell]])).emphasis_content, undefined);
    assert.match(cardWith(new Map([[alert.identity, fell]])).quote_area?.quote_text ?? "", /恢复值 65%/u);
  });
});

describe("several resolved alerts", () => {
  const other = sampleAlert({ alertname: "DiskFull", instance: "web-2" }, { status: "resolved" });

  it("say once what is the same for all", () => {
    assert.equal(textOf([disk, other], [fell, fell]).match(/恢复值/gu)?.length, 1);
  });

  it("say in their rows what differs", () => {
    const text = textOf([disk, other], [fell, { kind: "gone" }]);

    assert.match(text, /web-1.*恢复值 65%/u);
    assert.match(text, /web-2.*序列已消失/u);
  });
});

describe("an alert that fires", () => {
  it("says nothing of a recovery", () => {
    const firing = sampleAlert(disk.labels);

    assert.doesNotMatch(textOf([firing], [fell]), /恢复值/u);
  });
});

describe("an alert of Grafana whose series is gone", () => {
  const values = { A: 93 };
  const gone = { status: "resolved", values, annotations: { grafana_state_reason: "MissingSeries" } } as const;

  it("shows its values as those of the time when it fired", () => {
    assert.match(textOf([sampleAlert(disk.labels, gone)], []), /告警时的值/u);
    assert.match(textOf([sampleAlert(disk.labels, { status: "resolved", values })], []), /最后的值/u);
  });
});

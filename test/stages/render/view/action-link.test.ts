import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readLinkToken } from "../../../../src/actions/token.ts";
import type { GroupDelivery } from "../../../../src/domain/notification.ts";
import { renderDelivery } from "../../../../src/render/render.ts";
import { repairMessage } from "../../../../src/render/repair.ts";
import type { RenderSettings } from "../../../../src/render/settings.ts";
import { noTemplates } from "../../../../src/render/template/template-set.ts";
import { actionUrl } from "../../../../src/render/view/action-link.ts";
import { messageText } from "../../../../src/wecom/message.ts";
import { builtIn, deliveryOf, now, sampleAlert, sampleGroup, settings } from "../deliveries.ts";

const key = new Uint8Array(32).fill(7);
const linked: RenderSettings = {
  ...settings,
  externalURL: "https://alerts.example.cn/wecom",
  actionLinks: { key, validMs: 86_400_000 },
};
const disk = sampleAlert({ alertname: "Disk", instance: "db-1" });
const other = sampleAlert({ alertname: "Disk", instance: "db-2" });
const over = sampleAlert({ alertname: "Disk", instance: "db-3" }, { status: "resolved" });
const of = (alerts: readonly (typeof disk)[], rest: Partial<GroupDelivery> = {}) =>
  deliveryOf(sampleGroup(alerts), { delivery: { notificationId: 42, ...rest } });

function tokenIn(delivery: GroupDelivery) {
  const url = actionUrl(delivery, linked) ?? "";
  return readLinkToken([key], url.slice("https://alerts.example.cn/wecom/a/".length), now);
}

describe("the link to the page", () => {
  it("leads to the alert of the newest notification, or to all of several", () => {
    const expiresAt = now + 86_400_000;

    assert.deepEqual(tokenIn(of([disk])), { notificationId: 42, identity: disk.identity, expiresAt });
    assert.deepEqual(tokenIn(of([disk, over])), { notificationId: 42, identity: null, expiresAt });
  });

  it("leads to no single alert where its text was decoded with losses", () => {
    const delivery = deliveryOf(sampleGroup([disk], { lossyBody: "hash" }), { delivery: { notificationId: 42 } });

    assert.equal(tokenIn(delivery)?.identity, null);
  });

  it("is left out without links in the config, and when nothing fires", () => {
    assert.equal(actionUrl(of([disk]), { ...linked, actionLinks: null }), null);
    assert.equal(actionUrl(of([disk]), { ...linked, externalURL: null }), null);
    assert.equal(actionUrl(of([over]), linked), null);
  });

  it("leads nowhere where a message is only shown", () => {
    const preview = "https://alerts.example.cn/wecom/a/preview";

    assert.equal(actionUrl(of([disk]), { ...linked, actionLinks: { key: null, validMs: 1 } }), preview);
    assert.equal(actionUrl(of([disk], { notificationId: 0 }), linked), preview);
  });

  it("is in each kind of message once, by a template, in the plain layout, and as plain text", () => {
    const url = actionUrl(of([disk, other]), linked) ?? "";
    for (const kind of ["markdown", "markdown_v2", "text", "text_notice"] as const) {
      const delivery = deliveryOf(sampleGroup([disk, other]), {
        messages: [kind],
        delivery: { notificationId: 42 },
      });
      for (const templates of kind === "text_notice" ? [builtIn] : [builtIn, noTemplates]) {
        const [part] = renderDelivery(delivery, templates, linked).parts;
        const text = part === undefined ? "" : JSON.stringify(part.message);
        assert.equal(text.split(url).length - 1, kind === "text_notice" ? 2 : 1, `${kind}: ${text}`);
        const repaired = (part && repairMessage(part.message, "plain")) ?? [];
        const kept = repaired.filter((message) => messageText(message).includes(url));
        assert.equal(kept.length, Math.min(1, repaired.length), `${kind}: ${JSON.stringify(repaired)}`);
      }
    }
  });
});

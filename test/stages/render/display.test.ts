// What `display` of a destination changes in its messages.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DisplaySettings } from "../../../src/domain/display.ts";
import { messageText } from "../../../src/wecom/message.ts";
import { plainDisplay } from "../../support/look.ts";
import { renderSample, sampleAlert, sampleGroup } from "./deliveries.ts";

const labels = { alertname: "Down", severity: "warning", tenant: "t1", pod: "api-1", job: "api", uid: "u1", az: "b" };
const group = sampleGroup([sampleAlert(labels)], { externalURL: "http://am.example" });

function shown(display: Partial<DisplaySettings>): string {
  const { parts } = renderSample(group, { look: { display: { ...plainDisplay, ...display } } });
  return parts.map(({ message }) => decodeURIComponent(messageText(message))).join("\n");
}

const ofLabels = (own: Partial<DisplaySettings["labels"]>) => ({ labels: { ...plainDisplay.labels, ...own } });
const lines = (display: Partial<DisplaySettings>) => shown(display).split("\n");

describe("display", () => {
  const cases: readonly (readonly [rule: string, display: Partial<DisplaySettings>, shown: RegExp])[] = [
    ["nothing", {}, /^🟡 警告 \*\*Down\*\* · api-1\n/],
    ["title_prefix stands behind the mark", { titlePrefix: "[生产]" }, /^🟡 \[生产\] 警告 \*\*Down/],
    ["marks none", { marks: "none" }, /^警告 \*\*Down/],
    ["severity_words raw", { severityWords: "raw" }, /^🟡 warning \*\*Down/],
    ["labels.subject comes first", ofLabels({ subject: ["tenant"] }), /^🟡 警告 \*\*Down\*\* · t1\n/],
    ["labels.folded names", ofLabels({ folded: "names" }), /另有 2 个标签：uid、job<\/font>$/],
    ["silence subject", {}, /\{alertname="Down",severity="warning",tenant="t1",pod="api-1",az="b"\}/],
    ["silence all_labels", { silence: "all_labels" }, /tenant="t1",pod="api-1",job="api",uid="u1",az="b"/],
  ];
  for (const [rule, display, expected] of cases) test(rule, () => assert.match(shown(display), expected));

  test("labels.show and labels.fold decide what is in the last line", () => {
    const lastOf = (display: Partial<DisplaySettings>) => lines(display).at(-1);

    assert.equal(lastOf({}), '<font color="comment">uid=u1 job=api</font>');
    assert.equal(lastOf(ofLabels({ show: ["uid"] })), '<font color="comment">job=api</font>');
    assert.equal(lastOf(ofLabels({ fold: ["az"] })), '<font color="comment">az=b uid=u1 job=api</font>');
  });

  test("silence off leaves the link out", () => {
    assert.match(shown({}), /silences/);
    assert.doesNotMatch(shown({ silence: "off" }), /silences/);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { adviceOf, checkBody, urlOfBytes, violationsOf } from "./check-body.ts";

const markdown = (content: string) => ({ msgtype: "markdown", markdown: { content } });
const markdownV2 = (content: string) => ({ msgtype: "markdown_v2", markdown_v2: { content } });

const table = "| a | b |\n|---|:-:|\n| 1 | 2 |";

const flagged: readonly (readonly [content: string, rules: readonly string[]])[] = [
  ['<font color="info">a', ["markdown/font-unclosed 0"]],
  ["a</font>", ["markdown/font-unopened 0"]],
  ['<font color="red">a</font>', ["markdown/font-colour 0"]],
  ['<font color="#ff0000">a</font>', ["markdown/font-colour 0"]],
  ["<font>a</font>", ["markdown/font-colour 0"]],
  ["<font color=info>a</font>", ["markdown/font-colour 0"]],
  ["<font", ["markdown/font-colour 0", "markdown/font-unclosed 0"]],
  ['<font color="info">a<font color="info">b</font></font>', ["markdown/font-nested 0"]],
  ["hi <@all>", ["markdown/mention-all 0"]],
  ["hi `<@所有人>`", ["markdown/mention-all 0"]],
  [table, ["markdown/table 0"]],
  [`x\n${table}\ny`, ["markdown/table 0"]],
  ["a|b\n-|-\n1|2", ["markdown/table 0"]],
  ["a | b", []],
  ["a\n---\nb", []],
  ["hi <@zhangsan>", []],
  ["<font color='warning'>a</font>", []],
  [`[a](${urlOfBytes(1024)})`, []],
  [`[a](${urlOfBytes(1025)})`, ["markdown/link-bytes 40039"]],
];

for (const [content, rules] of flagged) {
  test(`markdown ${JSON.stringify(content.slice(0, 60))} breaks [${rules.join(", ")}]`, () => {
    assert.deepEqual(violationsOf(checkBody(markdown(content))), rules);
  });
}

const flaggedV2: readonly (readonly [content: string, rules: readonly string[]])[] = [
  ['<font color="info">a</font>', ["markdown_v2/font 0"]],
  ["hi <@zhangsan>", ["markdown_v2/mention 0"]],
  ["hi `<@zhangsan>`", []],
  ["```\n<@zhangsan> <font>\n```", []],
  [table, []],
  ["# h\n- a\n  - b\n1. c\n> q\n>> r\n---\n![i](https://x.cn/i.png)", []],
  [`[a](${urlOfBytes(1025)})`, ["markdown_v2/link-bytes 40039"]],
];

for (const [content, rules] of flaggedV2) {
  test(`markdown_v2 ${JSON.stringify(content.slice(0, 60))} breaks [${rules.join(", ")}]`, () => {
    assert.deepEqual(violationsOf(checkBody(markdownV2(content))), rules);
  });
}

const advised: readonly (readonly [content: string, rule: string])[] = [
  ["```\na\n```", "markdown/code-block"],
  ["![a](https://x.cn)", "markdown/image"],
  [">> a", "markdown/nested-quote"],
  ["a\n\n---", "markdown/rule"],
  ["[a](x.cn)", "markdown/link-scheme"],
];

for (const [content, rule] of advised) {
  test(`markdown ${JSON.stringify(content)} gets the advice ${rule}`, () => {
    const checked = checkBody(markdown(content));

    assert.deepEqual(adviceOf(checked), [rule]);
    assert.deepEqual(violationsOf(checked), []);
  });
}

test("observed: syntax that the page does not describe gets advice only", () => {
  const checked = checkBody(markdown('<font color="red">a'), "observed");

  assert.deepEqual(violationsOf(checked), []);
  assert.deepEqual(adviceOf(checked), ["markdown/font-colour", "markdown/font-unclosed"]);
});

test("by switch, a link inside markdown that is too long is flagged and not rejected", () => {
  const checked = checkBody(markdown(`[a](${urlOfBytes(1025)})`), "documented", { longMarkdownLink: "flag" });

  assert.deepEqual(violationsOf(checked), ["markdown/link-bytes 0"]);
});

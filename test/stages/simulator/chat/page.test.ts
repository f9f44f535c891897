import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { escapeHtml, html } from "../../../../src/simulator/chat/html.ts";
import { markdownHtml, markdownV2Html } from "../../../../src/simulator/chat/markdown.ts";
import { messageHtml } from "../../../../src/simulator/chat/message.ts";
import { messageTypes } from "../../../../src/simulator/rules/message-rules.ts";
import { inspect, opsKey, send, simulatorFor, text, upload } from "../running-simulator.ts";
import { type SampleName, samples } from "../sample-bodies.ts";

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>&'`;

/** Every tag that a bubble may contain, with its attributes. */
const tag =
  /<\/?(?:a|b|i|p|hr|dl|dt|dd|td|tr|pre|div|img|code|span|table|thead|tbody|details|summary|blockquote)(?: (?:class|href|title|target|rel|alt|src|download)="[^"<>]*")*>/g;

function assertSafe(markup: string): void {
  const rest = markup.replaceAll(tag, "");
  assert.equal(/[<>]/.test(rest), false, rest);
  assert.equal(
    /(?:href|src)="(?!https?:\/\/|data:image\/(?:png|jpeg);base64,|\/_sim\/files\/\d+")/i.test(markup),
    false,
    markup,
  );
}

/** Puts the hostile text into every string of a body except msgtype and card_type. */
function poisoned(value: unknown, name = ""): unknown {
  if (typeof value === "string") return ["msgtype", "card_type"].includes(name) ? value : `${value}${hostile}`;
  if (Array.isArray(value)) return value.map((item) => poisoned(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, poisoned(child, key)]));
}

for (const name of Object.keys(samples) as SampleName[]) {
  test(`${name}: hostile text in every field is escaped in the bubble`, () => {
    const body = poisoned(samples[name]) as Record<string, unknown>;
    const msgtype = messageTypes.find((type) => type === body.msgtype) ?? "text";
    const origin = { at: 0, robot: "ops", keyNumber: 1, advice: [] };

    const bubble = messageHtml({ ...origin, msgtype, body }, []);

    assertSafe(bubble.html);
  });
}

const markup = fc
  .array(
    fc.constantFrom(
      "<",
      ">",
      "`",
      "**",
      "*",
      "[",
      "](",
      ")",
      "|",
      "\n",
      "#",
      " ",
      "-",
      "> ",
      "<@",
      '<font color="info">',
      "</font>",
      "javascript:",
      "https://x",
      '"',
      "'",
      "&",
      "a",
      "![",
      "```",
      hostile,
    ),
  )
  .map((pieces) => pieces.join(""));

test("for all markdown, both kinds are rendered as safe HTML", () => {
  fc.assert(
    fc.property(markup, (content) => {
      assertSafe(markdownHtml(content).html);
      assertSafe(markdownV2Html(content).html);
    }),
    { numRuns: 500 },
  );
});

test("html escapes every value that is not Html", () => {
  const inner = html`<b>${"<x>"}</b>`;

  assert.equal(html`${inner}${"&"}${["'", inner]}${5}${null}`.html, "<b>&lt;x&gt;</b>&amp;&#39;<b>&lt;x&gt;</b>5");
  assert.equal(escapeHtml(`<>&"'`), "&lt;&gt;&amp;&quot;&#39;");
});

const shown: readonly (readonly [content: string, html: string])[] = [
  ["# 标题", '<p class="heading level-1">标题</p>'],
  ["#标题", "<p>#标题</p>"],
  ["**粗** `码`", "<p><b>粗</b> <code>码</code></p>"],
  ["> 一\n> 二", "<blockquote><p>一</p><p>二</p></blockquote>"],
  ['<font color="warning">红</font>', '<p><span class="font-warning">红</span></p>'],
  ['<font color="info">绿', "<p>&lt;font color=&quot;info&quot;&gt;绿</p>"],
  ["hi <@zhangsan>", '<p>hi <span class="mention">@zhangsan</span></p>'],
  ["`<@zhangsan>`", '<p><code><span class="mention">@zhangsan</span></code></p>'],
  ["[a](javascript:x)", '<p><span class="dead-link" title="javascript:x">a</span></p>'],
  ["*斜* - | a |", "<p>*斜* - | a |</p>"],
];

for (const [content, expected] of shown) {
  test(`markdown ${JSON.stringify(content)} is shown as WeCom shows it`, () => {
    assert.equal(markdownHtml(content).html, expected);
  });
}

const shownV2: readonly (readonly [content: string, html: string])[] = [
  ["*斜*", "<p><i>斜</i></p>"],
  ["<@zhangsan>", "<p>&lt;@zhangsan&gt;</p>"],
  ["> a\n>> b", '<blockquote class="depth-1"><p>a</p></blockquote><blockquote class="depth-2"><p>b</p></blockquote>'],
  ["---", "<hr>"],
  ["```\n<a>\n```", "<pre>&lt;a&gt;</pre>"],
  ["```\nopen", "<pre>open</pre>"],
  ["  1. x", '<p class="item indent-1"><span class="bullet">1.</span>x</p>'],
  [
    "|a|b|\n|:-:|--:|\n|1|2|",
    '<table><thead><tr><td class="center">a</td><td class="right">b</td></tr></thead><tbody><tr><td class="center">1</td><td class="right">2</td></tr></tbody></table>',
  ],
  ["|a|b|\n|1|2|", "<p>|a|b|</p><p>|1|2|</p>"],
];

for (const [content, expected] of shownV2) {
  test(`markdown_v2 ${JSON.stringify(content)} is shown as WeCom shows it`, () => {
    assert.equal(markdownV2Html(content).html, expected);
  });
}

test("the page shows messages with their bytes, violations and files, under a strict policy", async (t) => {
  const simulator = await simulatorFor(t);
  await send(simulator, { msgtype: "markdown", markdown: { content: "中文" }, safe: 1 });
  await send(simulator, text(""));
  await upload(simulator, new File(["hello world"], `${hostile}.txt`));

  const answer = await fetch(simulator.pageUrl);
  const page = await answer.text();

  const policy = answer.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.match(page, /markdown · 6\/4096 字节 bytes/);
  assert.match(page, /class="violation"><b>body\/unknown-field<\/b>/);
  assert.match(page, /class="system rejected"/);
  assert.match(page, /text\.content is missing or empty → 44004/);
  assert.doesNotMatch(page, /<script>|<img src=x/);
  assert.doesNotMatch(page, /(?:src|href)="https?:/);
});

test("the live stream sends new entries, gauges and resets, and ends with the simulator", async (t) => {
  const simulator = await simulatorFor(t);
  await send(simulator, text("before"));
  const stream = await fetch(`${simulator.origin}/_sim/stream?after=1`);

  await send(simulator, text(`<after> ${opsKey}`));
  await inspect(simulator, "reset", {});
  await simulator.close();

  const received = await stream.text().catch(() => "");
  assert.doesNotMatch(received, /before/);
  assert.match(received, /id: 2\nevent: entry\ndata: .*&lt;after&gt; \*\*\*/);
  assert.match(received, /event: gauges\ndata: \[{"label":"ops","taken":1,"slots":20}/);
  assert.match(received, /event: reset/);
});

test("style and script come from the simulator itself", async (t) => {
  const simulator = await simulatorFor(t);

  const style = await fetch(`${simulator.origin}/_sim/page.css`);
  const script = await fetch(`${simulator.origin}/_sim/page.js`);

  assert.match(style.headers.get("content-type") ?? "", /text\/css/);
  assert.match(script.headers.get("content-type") ?? "", /text\/javascript/);
  assert.doesNotMatch((await style.text()) + (await script.text()), /https?:/);
});

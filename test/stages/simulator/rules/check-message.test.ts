import assert from "node:assert/strict";
import { test } from "node:test";
import { ruleTables } from "../../../../src/simulator/rules/message-rules.ts";
import { imageBody, onePixelPng, type SampleName, samples, withValue } from "../sample-bodies.ts";
import { checkBody, textOfBytes, urlOfBytes, violationsOf } from "./check-body.ts";

for (const name of Object.keys(samples) as SampleName[]) {
  test(`the documented example of ${name} breaks no rule`, () => {
    assert.deepEqual(violationsOf(checkBody(samples[name])), []);
  });
}

type Case = readonly [sample: SampleName, path: string, broken: unknown, violations: readonly string[]];

const article = { title: "t", url: "https://x.cn" };

/** One invalid body for each documented field and limit of the plain types. */
const broken: readonly Case[] = [
  ["text", "msgtype", "texts", ["msgtype/value 40008"]],
  ["text", "msgtype", undefined, ["msgtype/value 40008"]],
  ["text", "msgtype", "textcard", ["msgtype/value 40008"]],
  ["text", "text", undefined, ["text/required 40008"]],
  ["text", "text", "hi", ["text/required 40008"]],
  ["text", "text.content", undefined, ["text.content/required 44004"]],
  ["text", "text.content", "", ["text.content/required 44004"]],
  ["text", "text.content", null, ["text.content/required 44004"]],
  ["text", "text.content", 5, ["text.content/type 40058"]],
  ["text", "text.content", textOfBytes(2049), ["text.content/max-bytes 40058"]],
  ["text", "text.mentioned_list", "@all", ["text.mentioned_list/type 40058"]],
  ["text", "text.mentioned_list", [1], ["text.mentioned_list/type 40058"]],
  ["text", "text.mentioned_mobile_list", [13800001111], ["text.mentioned_mobile_list/type 40058"]],
  ["markdown", "markdown", undefined, ["markdown/required 40008"]],
  ["markdown", "markdown.content", "", ["markdown.content/required 44004"]],
  ["markdown", "markdown.content", textOfBytes(4097), ["markdown.content/max-bytes 40058"]],
  ["markdown", "markdown.content", ["a"], ["markdown.content/type 40058"]],
  ["markdown_v2", "markdown_v2", undefined, ["markdown_v2/required 40008"]],
  ["markdown_v2", "markdown_v2.content", undefined, ["markdown_v2.content/required 44004"]],
  ["markdown_v2", "markdown_v2.content", textOfBytes(4097), ["markdown_v2.content/max-bytes 40058"]],
  ["image", "image", undefined, ["image/required 40008"]],
  ["image", "image.base64", "", ["image.base64/required 40058"]],
  ["image", "image.base64", `data:image/png;base64,${onePixelPng.toString("base64")}`, ["image.base64/base64 40058"]],
  ["image", "image.md5", undefined, ["image.md5/required 40058", "image.md5/mismatch 301019"]],
  ["image", "image.md5", "0".repeat(32), ["image.md5/mismatch 301019"]],
  ["image", "image", imageBody(Buffer.from("GIF89a...")).image, ["image.base64/format 40123"]],
  ["image", "image", imageBody(pngOfBytes(2 * 1024 * 1024 + 1)).image, ["image.base64/picture-bytes 40009"]],
  ["news", "news", undefined, ["news/required 40008"]],
  ["news", "news.articles", undefined, ["news.articles/required 40058"]],
  ["news", "news.articles", [], ["news.articles/items 40058"]],
  ["news", "news.articles", Array(9).fill(article), ["news.articles/items 45008"]],
  ["news", "news.articles", ["t"], ["news.articles/type 40058"]],
  ["news", "news.articles[0].title", undefined, ["news.articles[].title/required 41016"]],
  ["news", "news.articles[0].title", textOfBytes(129), ["news.articles[].title/cut-bytes 0"]],
  ["news", "news.articles[0].description", textOfBytes(513), ["news.articles[].description/cut-bytes 0"]],
  ["news", "news.articles[0].url", undefined, ["news.articles[].url/required 40058"]],
  ["news", "news.articles[0].url", "www.qq.com", ["news.articles[].url/url-scheme 45034"]],
  ["news", "news.articles[0].url", urlOfBytes(1025), ["news.articles[].url/url-bytes 40039"]],
  ["news", "news.articles[0].picurl", null, ["news.articles[].picurl/type 40058"]],
  ["news", "news.articles[0].picurl", urlOfBytes(1025), ["news.articles[].picurl/url-bytes 40039"]],
  ["file", "file", undefined, ["file/required 40008"]],
  ["file", "file.media_id", undefined, ["file.media_id/required 41006"]],
  ["file", "file.media_id", "OTHER", ["file.media_id/unknown 40007"]],
  ["voice", "voice", undefined, ["voice/required 40008"]],
  ["voice", "voice.media_id", "", ["voice.media_id/required 41006"]],
  ["voice", "voice.media_id", "OTHER", ["voice.media_id/unknown 40007"]],
];

function pngOfBytes(bytes: number): Buffer {
  return Buffer.concat([onePixelPng, Buffer.alloc(bytes - onePixelPng.length)]);
}

for (const [sample, path, value, violations] of broken) {
  const shown = JSON.stringify(value)?.slice(0, 30) ?? "absent";
  test(`${sample}: ${path} = ${shown} breaks ${violations.join(", ")}`, () => {
    assert.deepEqual(violationsOf(checkBody(withValue(sample, path, value))), violations);
  });
}

test("every field of the plain rule tables has a broken case", () => {
  const covered = new Set(
    broken.flatMap(([, , , violations]) => violations.map((violation) => violation.split("/")[0])),
  );

  const fields = Object.entries(ruleTables).filter(([name]) => !name.startsWith("template_card"));
  const uncovered = fields.flatMap(([, rules]) => rules).filter(({ path }) => !covered.has(path));

  assert.deepEqual(uncovered, []);
});

const atTheLimit: readonly (readonly [SampleName, string, unknown])[] = [
  ["text", "text.content", textOfBytes(2048)],
  ["text", "text.mentioned_list", []],
  ["markdown", "markdown.content", textOfBytes(4096)],
  ["markdown_v2", "markdown_v2.content", textOfBytes(4096)],
  ["image", "image", imageBody(pngOfBytes(2 * 1024 * 1024)).image],
  ["image", "image", imageBody(Buffer.from([0xff, 0xd8, 0xff, 0xe0])).image],
  ["news", "news.articles", Array(8).fill(article)],
  ["news", "news.articles[0].title", textOfBytes(128)],
  ["news", "news.articles[0].description", textOfBytes(512)],
  ["news", "news.articles[0].description", undefined],
  ["news", "news.articles[0].url", urlOfBytes(1024)],
  ["news", "news.articles[0].picurl", undefined],
];

for (const [sample, path, value] of atTheLimit) {
  test(`${sample}: ${path} = ${JSON.stringify(value)?.slice(0, 20) ?? "absent"} is allowed`, () => {
    assert.deepEqual(violationsOf(checkBody(withValue(sample, path, value))), []);
  });
}

test("a body that is not a JSON object is answered 40008, by switch 40058", () => {
  for (const text of ["", "{", '{"msgtype":"text","text":{"content":"a\nb"}}', "[]", "null", '"text"']) {
    assert.deepEqual(violationsOf(checkBody(text)), ["body/json 40008"]);
    assert.deepEqual(violationsOf(checkBody(text, "documented", { badJsonErrcode: 40058 })), ["body/json 40058"]);
  }
});

test("a body that is not UTF-8 is answered 40033 (guessed)", () => {
  const bytes = Buffer.from(JSON.stringify(samples.text)).fill(0xff, 40, 41);

  assert.deepEqual(violationsOf(checkBody(bytes)), ["body/utf8 40033"]);
});

test("a lone surrogate and U+FFFD are flagged, whole code points are not", () => {
  const text = (content: string) => JSON.stringify({ msgtype: "text", text: { content } });

  assert.deepEqual(violationsOf(checkBody(text("a\ud83d"))), ["utf8/lone-surrogate 0"]);
  assert.deepEqual(violationsOf(checkBody(text("a\ufffd"))), ["utf8/replacement-character 0"]);
  assert.deepEqual(violationsOf(checkBody(text("a😀"))), []);
});

test("unknown fields are flagged at every depth, with the product that has them", () => {
  const body = {
    ...samples.text,
    safe: 0,
    text: { ...samples.text.text, chatid: "x", extra: {} },
    markdown: { content: "x" },
  };

  const checked = checkBody(body);

  assert.deepEqual(violationsOf(checked), Array(4).fill("body/unknown-field 0"));
  const details = checked.findings.map(({ detail }) => detail).join("\n");
  assert.match(details, /safe belongs to 应用消息/);
  assert.match(details, /text\.chatid belongs to Tencent's internal beta/);
  assert.match(details, /text\.extra is not documented/);
  assert.match(details, /markdown is not documented/);
});

test("the first rejection in check order is the answer: required, then length, then content", () => {
  const body = { msgtype: "news", news: { articles: [{ url: "x", picurl: urlOfBytes(1025) }] } };

  const rules = violationsOf(checkBody(body));

  assert.deepEqual(rules, [
    "news.articles[].title/required 41016",
    "news.articles[].picurl/url-bytes 40039",
    "news.articles[].url/url-scheme 45034",
  ]);
});

test("the answer to text that is too long names the field and the limit, as in real answers", () => {
  const [finding] = checkBody(withValue("markdown", "markdown.content", textOfBytes(4097))).findings;

  assert.equal(finding?.errmsg, "markdown.content exceed max length 4096. invalid Request Parameter");
});

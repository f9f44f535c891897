import assert from "node:assert/strict";
import { test } from "node:test";
import { type SampleName, withValue } from "../sample-bodies.ts";
import { adviceOf, checkBody, textOfBytes, violationsOf } from "./check-body.ts";

test("observed: text of 2049 to 5120 bytes is accepted but stays a violation; longer text is rejected", () => {
  const check = (bytes: number) => checkBody(withValue("text", "text.content", textOfBytes(bytes)), "observed");

  assert.deepEqual(violationsOf(check(2048)), []);
  assert.deepEqual(violationsOf(check(5120)), ["text.content/max-bytes 0"]);
  assert.deepEqual(violationsOf(check(5121)), ["text.content/max-bytes 40058"]);
  assert.match(check(5121).findings[0]?.errmsg ?? "", /exceed max length 5120/);
});

test("observed: a wrong scalar type is accepted with a warning, a wrong shape and picurl null are not", () => {
  const check = (sample: SampleName, path: string, value: unknown) =>
    violationsOf(checkBody(withValue(sample, path, value), "observed"));

  assert.deepEqual(check("text", "text.content", 5), ["text.content/type 0"]);
  assert.deepEqual(check("text", "text.mentioned_list", null), ["text.mentioned_list/type 0"]);
  assert.deepEqual(check("text", "text.mentioned_list", "@all"), ["text.mentioned_list/type 40058"]);
  assert.deepEqual(check("news", "news.articles[0].picurl", null), ["news.articles[].picurl/type 40058"]);
});

test("observed: unknown fields and a news url without scheme get advice only", () => {
  const checked = checkBody(
    { ...(withValue("news", "news.articles[0].url", "www.qq.com") as object), safe: 0 },
    "observed",
  );

  assert.deepEqual(violationsOf(checked), []);
  assert.deepEqual(adviceOf(checked), ["news.articles[].url/url-scheme", "body/unknown-field"]);
});

test("by switch, empty text that only mentions people is accepted and flagged", () => {
  const switches = { emptyTextWithMention: "accept" } as const;
  const body = (mentioned: readonly string[]) => ({
    msgtype: "text",
    text: { content: "", mentioned_list: mentioned },
  });

  assert.deepEqual(violationsOf(checkBody(body(["@all"]), "documented", switches)), ["text.content/required 0"]);
  assert.deepEqual(violationsOf(checkBody(body([]), "documented", switches)), ["text.content/required 44004"]);
});

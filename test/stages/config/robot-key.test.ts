import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRobotKey } from "../../../src/config/bots.ts";
import { checkConfig } from "../../../src/config/check.ts";
import { noSecrets } from "../../../src/config/secret-fields.ts";

const key = "44444444-aaaa-4bbb-8ccc-000000000001";
const wecom = "https://qyapi.weixin.qq.com";
const send = `${wecom}/cgi-bin/webhook/send`;

const good: readonly (readonly [form: string, text: string, origin: string | null])[] = [
  ["a bare key", key, null],
  ["white space around it", `\ufeff ${key}\r\n`, null],
  ["wecombot://", `wecombot://${key}`, null],
  ["wecombot:// with a slash", `wecombot://${key}/`, null],
  ["wecom://", `wecom://${key}`, null],
  ["the whole URL", `${send}?key=${key}`, wecom],
  ["the whole URL in any case of its host", `HTTPS://QYAPI.weixin.qq.com/cgi-bin/webhook/send?key=${key}`, wecom],
  ["the whole URL with its default port", `https://qyapi.weixin.qq.com:443/cgi-bin/webhook/send?key=${key}`, wecom],
  ["a private deployment", `http://wecom.cn:8080/api/cgi-bin/webhook/send?key=${key}`, "http://wecom.cn:8080"],
];

const bad: readonly (readonly [string, string, RegExp])[] = [
  ["nothing", " \n", /empty/],
  ["white space inside", `${key} ${key}`, /white space/],
  ["odd characters", `<${key}>`, /characters/],
  ["Chinese quotes", `“${key}”`, /characters/],
  ["more than 128 characters", "a".repeat(129), /too long/],
  ["debug=1, with the reason", `${send}?key=${key}&debug=1`, /debug.*5 calls a minute/],
  ["another path", `${wecom}/cgi-bin/webhook/upload_media?key=${key}&type=file`, /does not end in/],
  ["no key in the URL", `${send}?kye=${key}`, /key= exactly once/],
  ["two keys in the URL", `${send}?key=${key}&key=${key}`, /key= exactly once/],
  ["a bad key in the URL", `${send}?key=${key}%20`, /white space/],
  ["an invalid URL", `https://[${key}`, /not a valid URL/],
  ["wecombot:// with a query", `wecombot://${key}?x=1`, /characters/],
];

describe("readRobotKey", () => {
  for (const [form, text, origin] of good) {
    it(`takes ${form}`, () => {
      const read = readRobotKey(text);

      assert.ok("value" in read);
      assert.deepEqual([read.value.secret.reveal(), read.value.origin], [key, origin]);
    });
  }

  for (const [form, text, message] of bad) {
    it(`rejects ${form}, without repeating it`, () => {
      const read = readRobotKey(text);

      assert.ok("message" in read);
      assert.match(read.message, message);
      assert.doesNotMatch(JSON.stringify(read), /44444444|aaaaaaaa/);
    });
  }
});

const origins: readonly (readonly [what: string, baseURL: string, origin: string, matches: boolean])[] = [
  ["WeCom's own", wecom, wecom, true],
  ["a private deployment", "http://wecom.cn:8080/api", "http://wecom.cn:8080", true],
  ["another origin", wecom, "https://wecom.cn", false],
  ["http where base_url is https", wecom, "http://qyapi.weixin.qq.com", false],
];

describe("a webhook URL", () => {
  for (const [what, baseURL, origin, matches] of origins) {
    it(`of ${what} ${matches ? "is accepted" : "is rejected, and the message says what to set"}`, () => {
      const url = `${origin}/cgi-bin/webhook/send?key=${key}`;
      const text = `wecom: { base_url: "${baseURL}" }\nbots: { ops: { key: "${url}" } }\nroute: { bot: ops }`;

      const checked = checkConfig(text, noSecrets);

      assert.equal(checked.kind, matches ? "config" : "invalid");
      if (checked.kind === "invalid") assert.match(checked.issues[0]?.message ?? "", /set wecom\.base_url/);
    });
  }

  it("is not compared with a base_url that has an issue itself", () => {
    const url = `https://elsewhere.cn/cgi-bin/webhook/send?key=${key}`;
    const text = `wecom: { base_url: x }\nbots: { ops: { key: "${url}" } }\nroute: { bot: ops }`;

    const checked = checkConfig(text, noSecrets);

    const paths = checked.kind === "invalid" ? checked.issues.map(({ path }) => path) : [];
    assert.deepEqual(paths, ["wecom.base_url"]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRobotKey } from "../../../src/config/robot-key.ts";

const key = "44444444-aaaa-4bbb-8ccc-000000000001";
const wecom = "https://qyapi.weixin.qq.com";
const send = `${wecom}/cgi-bin/webhook/send`;

const good: readonly (readonly [string, string, string | null])[] = [
  ["a bare key", key, wecom],
  ["white space around it", `\ufeff ${key}\r\n`, wecom],
  ["wecombot://", `wecombot://${key}`, wecom],
  ["wecombot:// with a slash", `wecombot://${key}/`, wecom],
  ["wecom://", `wecom://${key}`, wecom],
  ["the whole URL", `${send}?key=${key}`, wecom],
  ["the whole URL in any case of its host", `HTTPS://QYAPI.weixin.qq.com/cgi-bin/webhook/send?key=${key}`, wecom],
  ["the whole URL with its default port", `https://qyapi.weixin.qq.com:443/cgi-bin/webhook/send?key=${key}`, wecom],
  ["a private deployment", `http://wecom.cn:8080/api/cgi-bin/webhook/send?key=${key}`, "http://wecom.cn:8080/api"],
  ["any origin while base_url is faulty", `https://elsewhere.cn/cgi-bin/webhook/send?key=${key}`, null],
];

const bad: readonly (readonly [string, string, RegExp])[] = [
  ["nothing", " \n", /empty/],
  ["white space inside", `${key} ${key}`, /white space/],
  ["odd characters", `<${key}>`, /characters/],
  ["Chinese quotes", `“${key}”`, /characters/],
  ["more than 128 characters", "a".repeat(129), /too long/],
  ["debug=1, with the reason", `${send}?key=${key}&debug=1`, /debug.*5 calls a minute/],
  ["another origin, and says what to set", `https://wecom.cn/cgi-bin/webhook/send?key=${key}`, /set wecom\.base_url/],
  ["http where base_url is https", `http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}`, /set wecom\.base_url/],
  ["another path", `${wecom}/cgi-bin/webhook/upload_media?key=${key}&type=file`, /does not end in/],
  ["no key in the URL", `${send}?kye=${key}`, /key= exactly once/],
  ["two keys in the URL", `${send}?key=${key}&key=${key}`, /key= exactly once/],
  ["a faulty key in the URL", `${send}?key=${key}%20`, /white space/],
  ["an unreadable URL", `https://[${key}`, /cannot be read/],
  ["wecombot:// with a query", `wecombot://${key}?x=1`, /characters/],
];

describe("readRobotKey", () => {
  for (const [form, text, baseURL] of good) {
    it(`takes ${form}`, () => {
      assert.deepEqual(readRobotKey(text, baseURL), { kind: "key", key });
    });
  }

  for (const [form, text, said] of bad) {
    it(`refuses ${form}, without repeating it`, () => {
      const read = readRobotKey(text, wecom);

      assert.equal(read.kind, "faulty");
      assert.match(read.kind === "faulty" ? read.message : "", said);
      assert.doesNotMatch(JSON.stringify(read), /44444444|aaaaaaaa/);
    });
  }
});

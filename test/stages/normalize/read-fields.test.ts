import assert from "node:assert/strict";
import { test } from "node:test";
import { readLink, readTime } from "../../../src/normalize/read-fields.ts";

const base = "https://grafana.example.cn/sub/";

const links: readonly { readonly sent: unknown; readonly link: string | null; readonly base?: string | null }[] = [
  { sent: "http://a.example.cn:9090/graph?g0.expr=up", link: "http://a.example.cn:9090/graph?g0.expr=up" },
  { sent: "HTTPS://a.example.cn", link: "HTTPS://a.example.cn" },
  { sent: "http://a.example.cn/手册/磁盘?章节=1", link: "http://a.example.cn/手册/磁盘?章节=1" },
  { sent: " http://a.example.cn/x y\n", link: "http://a.example.cn/x%20y" },
  { sent: "http:\\\\a.example.cn\\x", link: "http://a.example.cn/x" },
  { sent: "http:a.example.cn", link: "http://a.example.cn/" },
  { sent: "?orgId=1", base, link: "https://grafana.example.cn/sub/?orgId=1" },
  { sent: "?orgId=1", base: null, link: null },
  { sent: "/graph", base, link: null },
  { sent: "//evil.example.cn", base, link: null },
  { sent: "prometheus.example.cn/graph", base, link: null },
  { sent: "localhost:9090/graph", base, link: null },
  { sent: "javascript:alert(1)", base, link: null },
  { sent: "ftp://a.example.cn/", link: null },
  { sent: "http://", link: null },
  { sent: "", base, link: null },
  { sent: null, link: null },
  { sent: 7, link: null },
];

for (const { sent, base: from = null, link } of links) {
  test(`link ${JSON.stringify(sent)} from ${from} is ${link}`, () => {
    assert.equal(readLink(sent, from), link);
  });
}

const at = Date.UTC(2026, 10, 20, 2, 15, 30);

const times: readonly { readonly sent: unknown; readonly at: number | null; readonly text?: string }[] = [
  { sent: "2026-11-20T02:15:30Z", at },
  { sent: "2026-11-20t02:15:30z", at },
  { sent: "2026-11-20 10:15:30+08:00", at },
  { sent: "2026-11-19T20:45:30-05:30", at },
  { sent: "2026-11-20T02:15:30.9Z", at: at + 900 },
  { sent: "2026-11-20T02:15:30.123999999Z", at: at + 123 },
  { sent: "0001-01-01T00:00:00Z", at: null },
  { sent: "0001-01-01T08:05:43+08:05", at: null },
  { sent: "1970-01-01T00:00:00Z", at: null },
  { sent: "1970-01-01T08:00:00+08:00", at: null },
  { sent: "9999-12-31T23:59:59Z", at: Date.UTC(9999, 11, 31, 23, 59, 59) },
  { sent: "2028-02-29T00:00:00Z", at: Date.UTC(2028, 1, 29) },
  { sent: "2026-02-29T00:00:00Z", at: null, text: "" },
  { sent: "2026-13-01T00:00:00Z", at: null, text: "" },
  { sent: "2026-11-20T25:00:00Z", at: null, text: "" },
  { sent: "2026-11-20T02:15:30+99:00", at: null, text: "" },
  { sent: "2026-11-20T02:15:30", at: null, text: "" },
  { sent: "2026-11-20T02:15:30.1234567890Z", at: null, text: "" },
  { sent: "20 Nov 2026", at: null, text: "" },
  { sent: "%s", at: null, text: "" },
  { sent: "", at: null, text: "" },
  { sent: at, at: null, text: "" },
  { sent: null, at: null, text: "" },
];

for (const { sent, at: expected, text } of times) {
  test(`time ${JSON.stringify(sent)} is ${expected === null ? "none" : new Date(expected).toISOString()}`, () => {
    assert.deepEqual(readTime(sent), { at: expected, text: text ?? sent });
  });
}

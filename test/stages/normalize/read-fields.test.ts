import assert from "node:assert/strict";
import { test } from "node:test";
import { readLink } from "../../../src/normalize/read-fields.ts";

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

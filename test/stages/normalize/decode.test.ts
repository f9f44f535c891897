// How the bytes of a body become text, by the bodies that senders post.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { parseBody } from "../../../src/normalize/parse-body.ts";
import { gb18030 } from "../../support/gb18030.ts";
import { normalizeBytes } from "./fixture.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string) => new Uint8Array(Buffer.from(text, "utf16le"));
const bigEndian = (text: string) => new Uint8Array(Buffer.from(text, "utf16le").swap16());
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

const text = '{"a":"财务-01 磁盘满，“€”𠀀"}';

describe("a body is read in the encoding it has", () => {
  const bodies: readonly (readonly [string, Uint8Array, readonly (string | null)[]])[] = [
    ["UTF-8", utf8(text), [null, "utf-8", "UTF8", "us-ascii", "ISO-8859-1", "utf-16", "no-such-charset"]],
    ["GB18030", gb18030(text), [null, "GBK", "gb2312", "gb18030", "cp936", "utf-8", "utf-16", "no-such-charset"]],
    ["UTF-16", utf16(text), ["utf-16", "utf-16le", "UTF-16LE"]],
    ["UTF-16 with a byte order mark", utf16(`\uFEFF${text}`), ["utf-16", "utf-16le"]],
    ["big-endian UTF-16", bigEndian(text), ["utf-16be"]],
    ["big-endian UTF-16 with a byte order mark", bigEndian(`\uFEFF${text}`), ["utf-16", "utf-16be"]],
  ];

  for (const [what, bytes, charsets] of bodies) {
    for (const charset of charsets) {
      it(`${what}, ${charset === null ? "not declared" : `declared as ${charset}`}`, () => {
        assert.deepEqual(parseBody(bytes, charset), { kind: "parsed", body: JSON.parse(text), lossyBody: null });
      });
    }
  }

  it("a declared charset that is not Chinese", () => {
    const { body } = parsed(latin1('{"a":"caf\xe9"}'), "iso-8859-1");

    assert.deepEqual(body, { a: "café" });
  });

  it("Big5 as declared", () => {
    const { body } = parsed(Uint8Array.from([...utf8('{"a":"'), 0xa4, 0xa4, 0xa4, 0xe5, ...utf8('"}')]), "big5");

    assert.deepEqual(body, { a: "中文" });
  });
});

describe("a body that no encoding fits is read with losses, which its hash tells apart", () => {
  const damaged: readonly (readonly [string, Uint8Array, string])[] = [
    ["UTF-8 with a byte of none", cut(utf8("磁盘"), [0xff]), "磁盘\uFFFD"],
    // The bytes of the text and the cut character are whole characters of GB18030.
    ["UTF-8 that ends inside a character", cut(utf8("磁盘满"), [0xe4]), "磁盘满\uFFFD"],
    ["GB18030 that ends inside a character", cut(gb18030("磁盘满"), [0xb4]), "磁盘满\uFFFD"],
    ["nothing but foreign bytes", cut(utf8("x"), [0xff, 0xc3]), "x\uFFFD\uFFFD"],
  ];

  for (const [what, bytes, expected] of damaged) {
    it(what, () => {
      const { body, lossyBody } = parsed(bytes);

      assert.deepEqual(body, { a: expected });
      assert.match(lossyBody ?? "", /^[\w-]{43}$/);
    });
  }

  it("two texts that are damaged to the same one have different hashes", () => {
    const [one, other] = [parsed(cut(utf8("主机"), [0xff])), parsed(cut(utf8("主机"), [0xfe]))];

    assert.deepEqual(one.body, other.body);
    assert.notEqual(one.lossyBody, other.lossyBody);
  });

  it("a replacement character that the sender sent is none of ours", () => {
    assert.equal(parsed(utf8('{"a":"\uFFFD"}')).lossyBody, null);
  });
});

const alerts = '{"alerts":[{"labels":{"alertname":"磁盘满"}}]}';

describe("a body that cannot be read is rejected by the name of its cause", () => {
  const bodies: readonly (readonly [string, Uint8Array, string, string | null])[] = [
    ["gzip that is not declared", gzipSync(alerts), "gzip_body", null],
    ["UTF-16 that is not declared", utf16(alerts), "utf16_body", null],
    ["big-endian UTF-16", bigEndian(alerts), "utf16_body", null],
    ["UTF-16 with a byte order mark", utf16(`\uFEFF${alerts}`), "utf16_body", null],
    ["UTF-16 declared as something else", utf16(alerts), "utf16_body", "gbk"],
    ["broken JSON in declared UTF-16", utf16('{"alerts":['), "not_json", "utf-16"],
    ["JSON that was encoded twice", utf8(JSON.stringify(alerts)), "double_encoded", null],
    ["a list that was encoded twice", utf8(JSON.stringify(` [${alerts}]\n`)), "double_encoded", null],
    ["a text", utf8('"磁盘满"'), "not_an_object", null],
    ["a declared charset without a body", utf8(""), "empty_body", "utf-16"],
  ];

  for (const [what, bytes, code, charset] of bodies) {
    it(`${what}: ${code}`, () => {
      const result = normalizeBytes(bytes, charset);

      assert.equal(result.kind === "rejected" ? result.code : result.kind, code);
    });
  }
});

describe("values are counted in the text", () => {
  it("characters of GBK whose second byte is a quote's backslash hide nothing", () => {
    // 誠 is D5 5C.
    const bytes = gb18030(`{"a":"誠","alerts":[${"{},".repeat(600_000)}{}]}`);

    const result = parseBody(bytes, "gbk");

    assert.equal(result.kind === "rejected" && result.code, "too_many_values");
  });
});

function parsed(bytes: Uint8Array, charset: string | null = null) {
  const result = parseBody(bytes, charset);
  assert.ok(result.kind === "parsed", JSON.stringify(result));
  return result;
}

/** A body with the text and some more bytes as its only value. */
function cut(shown: Uint8Array, more: readonly number[]): Uint8Array {
  return Uint8Array.from([...utf8('{"a":"'), ...shown, ...more, ...utf8('"}')]);
}

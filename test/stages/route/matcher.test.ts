import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseMatchers } from "../../../src/route/matcher.ts";

function read(text: string): readonly (readonly [string, string, string])[] | string {
  const parsed = parseMatchers(text);
  return parsed.kind === "invalid" ? parsed.message : parsed.matchers.map(({ name, op, value }) => [name, op, value]);
}

function matches(text: string, labels: Readonly<Record<string, string>>): boolean {
  const parsed = parseMatchers(text);
  assert.equal(parsed.kind, "parsed", text);
  return parsed.kind === "parsed" && parsed.matchers.every((matcher) => matcher.matches(labels));
}

/** Cases of prometheus/alertmanager matcher/parse/parse_test.go and matcher/compliance/compliance_test.go. */
const both: readonly (readonly [string, ...(readonly [string, string, string])[]])[] = [
  ["", ...[]],
  ["{}", ...[]],
  ["{foo=bar}", ["foo", "=", "bar"]],
  ["{foo=bar,}", ["foo", "=", "bar"]],
  ["foo=bar", ["foo", "=", "bar"]],
  ["foo=bar,", ["foo", "=", "bar"]],
  ["{foo!=bar}", ["foo", "!=", "bar"]],
  ["{foo=~[a-z]+}", ["foo", "=~", "[a-z]+"]],
  ["foo!~[a-z]+", ["foo", "!~", "[a-z]+"]],
  ['{foo=""}', ["foo", "=", ""]],
  ["foo=🙂bar", ["foo", "=", "🙂bar"]],
  ['foo="bar\\n"', ["foo", "=", "bar\n"]],
  ['{foo="\\"bar\\""}', ["foo", "=", '"bar"']],
  ['{foo="bar\\\\"}', ["foo", "=", "bar\\"]],
  ["{foo=bar,bar!=baz}", ["foo", "=", "bar"], ["bar", "!=", "baz"]],
  ['{foo = "bar", dings != "bums", }', ["foo", "=", "bar"], ["dings", "!=", "bums"]],
  ['{foo="bar,quux", job="job1"}', ["foo", "=", "bar,quux"], ["job", "=", "job1"]],
  [
    'contains_quote != "\\"" , contains_comma !~ "foo,bar" , ',
    ["contains_quote", "!=", '"'],
    ["contains_comma", "!~", "foo,bar"],
  ],
  ['statuscode=~"5.."', ["statuscode", "=~", "5.."]],
  ["foo=bar\u3000", ["foo", "=", "bar"]],
];

const utf8Only: typeof both = [
  ['{"foo"="bar"}', ["foo", "=", "bar"]],
  ['"foo"=~"[a-z]+",', ["foo", "=~", "[a-z]+"]],
  ["foo🙂=bar", ["foo🙂", "=", "bar"]],
  ["{name-with-dashes = bar}", ["name-with-dashes", "=", "bar"]],
  ['"告警 名称"="磁盘"', ["告警 名称", "=", "磁盘"]],
  ['"a.b"="\\U0001f642"', ["a.b", "=", "🙂"]],
  ['"a.b"="\\xf0\\x9f\\x99\\x82"', ["a.b", "=", "🙂"]],
  ['"a.b"="\\101\\t"', ["a.b", "=", "A\t"]],
];

/** Valid in the classic notation only. */
const classicOnly: typeof both = [
  ["foo=", ["foo", "=", ""]],
  ["tricky=~~~", ["tricky", "=~", "~~"]],
  ['trickier==\\\\=\\=\\"', ["trickier", "=", '=\\=\\="']],
  ["{foo=!bar,bar=$baz\\n}", ["foo", "=", "!bar"], ["bar", "=", "$baz\n"]],
  ["{foo='}", ["foo", "=", "'"]],
  ["{foo=bar\\t}", ["foo", "=", "bar\\t"]],
  ["{foo=bar}}", ["foo", "=", "bar}"]],
  ["{foo=bar}},}", ["foo", "=", "bar}}"]],
  ["{foo=,bar=}}", ["foo", "=", ""], ["bar", "=", "}"]],
  ["foo=bar}", ["foo", "=", "bar"]],
  ["{foo=bar", ["foo", "=", "bar"]],
  ["foo=bar bar=baz", ["foo", "=", "bar bar=baz"]],
  ["{foo=}b", ["foo", "=", "}b"]],
  ['team=~"\\d+"', ["team", "=~", "\\d+"]],
  ["team=~db|storage (old)", ["team", "=~", "db|storage (old)"]],
];

/** Valid in neither. */
const faulty = [
  ",",
  "{,}",
  "foo",
  "foo!bar",
  "{foo!bar}",
  "=bar",
  "foo=bar,,bar=baz",
  'job="value',
  'job=value"',
  'contains_unescaped_quote = foo"bar',
  'trickier==\\\\=\\=\\""',
  '{foo=~"invalid[regexp"}',
  '"{foo=\\"bar"}',
  '"foo=\\"bar\\""',
  '"foo="bar""',
  "{{foo=",
  '"a.b"="\\xf0\\x9f"',
  '"a.b"="\\ud800"',
  '"a.b"="\\w"',
  'foo="a\\,",bar=x',
  'foo=~"(?=lookahead)"',
  'foo=~"a{1001}"',
];

describe("parseMatchers", () => {
  for (const [text, ...expected] of [...both, ...utf8Only, ...classicOnly]) {
    it(`reads ${text || "nothing"} as Alertmanager does`, () => {
      assert.deepEqual(read(text), expected);
    });
  }

  for (const text of faulty) {
    it(`rejects ${text}`, () => {
      assert.equal(typeof read(text), "string");
    });
  }

  it("uses the classic meaning where both notations are valid and differ", () => {
    assert.deepEqual(read('foo="\\xf0\\x9f\\x99\\x82"'), [["foo", "=", "\\xf0\\x9f\\x99\\x82"]]);
    assert.deepEqual(read('foo="a\\tb"'), [["foo", "=", "a\\tb"]]);
  });

  it("reports where the error is and what was expected", () => {
    assert.deepEqual(parseMatchers("foo!bar"), {
      kind: "invalid",
      message: "found !, expected an operator: =, !=, =~ or !~",
      offset: 3,
    });
    assert.deepEqual(parseMatchers('a="b", c=~"x("'), {
      kind: "invalid",
      message: "error parsing regexp: missing closing ): `^(?:x()$`",
      offset: 10,
    });
  });

  it("reads any quoted name and value", () => {
    const text = fc.string({ unit: "binary" }).filter((value) => value.isWellFormed());
    const goQuoted = (value: string) =>
      `"${value.replace(/[\\"]/g, "\\$&").replace(/[^\\"]/gu, (c) => `\\U${c.codePointAt(0)?.toString(16).padStart(8, "0")}`)}"`;

    fc.assert(
      fc.property(text, text, (name, value) => {
        assert.deepEqual(read(`{${goQuoted(`${name}.`)}=${goQuoted(value)}}`), [[`${name}.`, "=", value]]);
      }),
    );
  });

  it("never throws", () => {
    const pieces = fc.constantFrom("a", "=", "~", "!", '"', "\\", ",", "{", "}", "(", "[", " ", "磁", "x41", "\n");

    fc.assert(fc.property(fc.array(pieces), (texts) => typeof parseMatchers(texts.join("")).kind === "string"));
  });
});

describe("Matcher", () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, boolean])[] = [
    ["team=db", { team: "db" }, true],
    ["team=db", { team: "DB" }, false],
    ["team!=db", { team: "web" }, true],
    ["team!=db", {}, true],
    ['team=""', {}, true],
    ['team=""', { team: "" }, true],
    ['team=""', { team: "db" }, false],
    ['team!=""', {}, false],
    ['team=~".+"', {}, false],
    ['team=~".*"', {}, true],
    ['team!~".+"', {}, true],
    ['team=~"db|storage"', { team: "storage" }, true],
    ['team=~"db|storage"', { team: "storages" }, false],
    ['team=~"db"', { team: "mydb" }, false],
    ['team=~"(?i)DB"', { team: "db" }, true],
    ['team=~"a.c"', { team: "a🙂c" }, true],
    ['team=~"a.c"', { team: "a\nc" }, false],
    ['team=~"(?s)a.c"', { team: "a\nc" }, true],
    ['team=~"db"', { team: "db\n" }, false],
    ['team=~"\\\\d+"', { team: "42" }, true],
    ['team=~"(?m)^db$"', { team: "db\nweb" }, false],
    ['team=~"a)(b"', { team: "ab" }, true],
    ['toString=""', {}, true],
    ['__proto__=""', {}, true],
    ["__proto__=x", JSON.parse('{"__proto__":"x"}'), true],
    ["team=db,env=prod", { team: "db", env: "prod" }, true],
    ["team=db,env=prod", { team: "db" }, false],
  ];

  for (const [text, labels, expected] of cases) {
    it(`${text} ${expected ? "matches" : "does not match"} ${JSON.stringify(labels)}`, () => {
      assert.equal(matches(text, labels), expected);
    });
  }

  it("needs linear time for patterns that make other engines backtrack", () => {
    const text = `${"a".repeat(50_000)}!`;

    for (const pattern of ["(a+)+", "(a|aa)+", "(a*)*b", "(.*)(.*)(.*)(.*)x"]) {
      assert.equal(matches(`team=~"${pattern}"`, { team: text }), false);
    }
  });
});

// Whom a text names: every form of a list, of a number and of a name with its number; texts that only look like one; and
// for all texts, that nobody is mentioned who is not named, and no name is lost without a word.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Person } from "../../../src/domain/notification.ts";
import { peopleNamedIn } from "../../../src/render/named-people.ts";

const people: ReadonlyMap<string, Person> = new Map([
  ["张三", { userid: "zhangsan", mobile: null }],
  ["李四", { userid: null, mobile: "13800000000" }],
  ["王五", { userid: "wangwu", mobile: "13811112222" }],
  ["Li Si", { userid: "lisi.2", mobile: null }],
  ["dba/oncall", { userid: "dba-1", mobile: null }],
  ["值班 (夜), 二线", { userid: "night", mobile: null }],
  ["组长 (白)", { userid: "day", mobile: null }],
]);

/** `@` and a userid, or a number; what cannot be mentioned stands in `?` as it is returned. */
function namedIn(text: string, as: "user" | "mobile"): readonly string[] {
  return peopleNamedIn(text, as, people).flatMap(({ name, addresses }) =>
    addresses.length === 0 ? [`?${name}`] : addresses.map((one) => (one.as === "user" ? "@" : "") + one.address),
  );
}

type Cases = readonly (readonly [string, readonly string[]])[];

function testCases(as: "user" | "mobile", cases: Cases): void {
  for (const [text, named] of cases) test(JSON.stringify(text), () => assert.deepEqual(namedIn(text, as), named));
}

describe("a list names each of its items:", () => {
  testCases("user", [
    ["张三、李四", ["@zhangsan", "13800000000"]],
    ["张三，李四", ["@zhangsan", "13800000000"]],
    ["zhangsan;lisi", ["@zhangsan", "@lisi"]],
    ["zhangsan；lisi,wangwu", ["@zhangsan", "@lisi", "@wangwu"]],
    ["zhangsan|lisi", ["@zhangsan", "@lisi"]],
    ["张三｜lisi", ["@zhangsan", "@lisi"]],
    ["@zhangsan @lisi", ["@zhangsan", "@lisi"]],
    ["@张三 ＠李四", ["@zhangsan", "13800000000"]],
    ["张三 lisi\nwang_wu", ["@zhangsan", "@lisi", "@wang_wu"]],
    ["zhangsan / lisi", ["@zhangsan", "@lisi"]],
    ["赵六|lisi", ["?赵六", "@lisi"]],
    ["a.b_c-d@e, 1001", ["@a.b_c-d@e", "@1001"]],
    [" ,-、 | ", []],
    ["", []],
  ]);
});

describe("a name of the table is looked up before it is taken apart:", () => {
  testCases("user", [
    ["值班 (夜), 二线", ["@night"]],
    ["dba/oncall", ["@dba-1"]],
    ["dba/oncall、李四", ["@dba-1", "13800000000"]],
    ["张三, Li Si", ["@zhangsan", "@lisi.2"]],
    ["张三、@组长 (白)", ["@zhangsan", "@day"]],
    ["Li Si zhangsan", ["@lisi.2", "@zhangsan"]],
    ["@Li Si", ["@lisi.2"]],
    ["Li Si (13900139000)", ["@lisi.2"]],
  ]);
});

describe("a name with a number is the person, or else the number:", () => {
  testCases("user", [
    ["王五/13900139000", ["@wangwu"]],
    ["王五／139 0013 9000", ["@wangwu"]],
    ["王五 / 13900139000", ["@wangwu"]],
    ["王五/8012", ["@wangwu"]],
    ["张三(13900139000)", ["@zhangsan"]],
    ["张三（+86 139-0013-9000）", ["@zhangsan"]],
    ["张三 (13900139000)", ["@zhangsan"]],
    ["张三【13900139000】", ["@zhangsan"]],
    ["张三 13900139000", ["@zhangsan"]],
    ["张三13900139000", ["@zhangsan"]],
    ["张三-13900139000", ["@zhangsan"]],
    ["张三：13900139000", ["@zhangsan"]],
    ["赵六/13900139000", ["13900139000"]],
    ["赵六(139-0013-9000)", ["13900139000"]],
    ["赵六 13900139000", ["13900139000"]],
    ["赵六13900139000", ["13900139000"]],
    ["zhaoliu(13900139000)", ["13900139000"]],
    ["zhaoliu/13900139000", ["13900139000"]],
    ["电话: 13900139000", ["13900139000"]],
    ["张三/13900139000/赵六/13900139001", ["@zhangsan", "13900139001"]],
    ["张三(13900139000)、赵六(13900139001)", ["@zhangsan", "13900139001"]],
    ["13900139000/13900139001", ["13900139000", "13900139001"]],
    ["赵六/8012", ["?赵六/8012"]],
    ["赵六(139…)", ["?赵六(139…)"]],
  ]);
  testCases("mobile", [
    ["王五/13900139000", ["13811112222"]],
    ["赵六/13900139000", ["13900139000"]],
    ["张三(13900139000)", ["@zhangsan"]],
  ]);
});

describe("a number is the same however it is written:", () => {
  const written = [
    ...["+86 139-0013-9000", "+86 139 0013 9000", "+8613900139000", "0086 13900139000", "008613900139000"],
    ...["139-0013-9000", "139 0013 9000", "86-13900139000", "+86-13900139000", " +86 139-0013-9000 "],
  ];
  for (const as of ["user", "mobile"] as const)
    testCases(
      as,
      written.map((text) => [text, ["13900139000"]]),
    );
  testCases("mobile", [
    ["13900139000", ["13900139000"]],
    ["8613900139000", ["13900139000"]],
    ["13900139000 +86 139 0013 9001", ["13900139000", "13900139001"]],
    ["+85261234567", ["+85261234567"]],
    ["zhangsan 13900139000", ["?zhangsan", "13900139000"]],
    ["zhangsan 12345", ["?zhangsan", "?12345"]],
    ["139 0013", ["?139", "?0013"]],
    ["zhangsan", ["?zhangsan"]],
  ]);
  // Where userids are asked for, digits alone are one.
  testCases("user", [
    ["13900139000", ["@13900139000"]],
    ["+86 13900139000 1001", ["13900139000", "@1001"]],
    ["x-139-0013-9000", ["@x-139-0013-9000"]],
    ["139-0013-9000-1", ["@139-0013-9000-1"]],
  ]);
});

describe("brackets hold a remark, a person or a number, but no userid:", () => {
  testCases("user", [
    ["张三(DBA)", ["@zhangsan"]],
    ["张三（值班，上海/北京）", ["@zhangsan"]],
    ["zhangsan(张三)", ["@zhangsan"]],
    ["zhaoliu(赵六)", ["@zhaoliu"]],
    ["值班(张三、李四)", ["@zhangsan", "13800000000"]],
    ["赵六(DBA)", ["?赵六(DBA)"]],
    ["赵六(zhaoliu)", ["?赵六(zhaoliu)"]],
    ["[a b]", ["?[a b]"]],
    ["all(张先生)", ["?all(张先生)"]],
    ["(张三", ["@zhangsan"]],
    ["李四)", ["13800000000"]],
  ]);
});

describe("what could be somebody else's userid is left unread:", () => {
  testCases("user", [
    ["请联系 zhangsan 处理", ["?请联系", "?zhangsan", "?处理"]],
    ["请联系 zhangsan(值班)", ["?请联系", "?zhangsan(值班)"]],
    ["赵六 lisi", ["?赵六", "?lisi"]],
    ["赵六 @lisi", ["?赵六", "@lisi"]],
    ["请联系 张三 lisi", ["?请联系", "@zhangsan", "?lisi"]],
    ["磁盘 95 full", ["?磁盘/95", "?full"]],
    ["CPU>90% on web", ["?CPU>90%", "?on", "?web"]],
    ["Tom Lee(13900139000)", ["?Tom", "13900139000"]],
    ["Tom Lee(DBA)", ["?Tom", "@Lee"]],
    ["zhangsan/lisi", ["?zhangsan/lisi"]],
    ["张三/lisi", ["?张三/lisi"]],
    ["/data/张三/x", ["?/data/张三/x"]],
    ["https://wiki.example.cn/张三", ["?https://wiki.example.cn/张三"]],
    ["owner: zhangsan", ["?owner:zhangsan"]],
    ["R&D", ["?R&D"]],
    ["张三@lisi", ["?张三@lisi"]],
    ["_x -y .z", ["?_x", "?-y", "?.z"]],
    ["x".repeat(65), [`?${"x".repeat(65)}`]],
    ["总量17179869184字节", ["?总量/17179869184字节"]],
    ["张三 8012", ["@zhangsan"]],
    ["赵六 1001", ["?赵六/1001"]],
  ]);
});

describe("everyone is never named:", () => {
  testCases("user", [
    ["all", ["?all"]],
    ["@all", ["?all"]],
    ["＠ALL,@@all", ["?ALL", "?@all"]],
    ["@all @lisi", ["?all", "@lisi"]],
    ["all/13900139000", ["13900139000"]],
  ]);
  testCases("mobile", [["@all", ["?all"]]]);
});

const piece = fc.oneof(
  { arbitrary: fc.constantFrom(...people.keys(), "zhangsan", "a.b_c-d@e", "赵六", "zhao", "1001", "_x"), weight: 6 },
  {
    arbitrary: fc.constantFrom("13900139000", "+86 139-0013-9000", "139 0013 9001", "8613900139002", "+85261234567"),
    weight: 3,
  },
  { arbitrary: fc.constantFrom(..." ,;，；、|｜/／:：()（）[]【】@＠-.+&<>\n"), weight: 8 },
  { arbitrary: fc.constantFrom("all", "@all", "请联系", "call", "https://", "（值班）", "(DBA, 2)"), weight: 3 },
  { arbitrary: fc.string({ unit: "grapheme", maxLength: 4 }), weight: 1 },
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
const way = fc.constantFrom("user" as const, "mobile" as const);

describe("for all texts", () => {
  const idChar = "A-Za-z0-9_.@-";

  function assertStandsIn(whole: string, address: string, as: "user" | "mobile"): void {
    const chars = [...address].map((char) => char.replace(/[.+]/, "\\$&"));
    const written =
      as === "user"
        ? `(?<![${idChar}])[@＠]?${chars.join("")}(?![${idChar}])`
        : `(?<![A-Za-z0-9_.@])[@＠]?(?:(?:\\+|00)?86[ -]?)?${chars.join("[ -]?")}(?![A-Za-z0-9_@])`;
    assert.match(whole.replace(/\s+/g, " "), new RegExp(written));
  }

  test("whoever is mentioned is a person of the table whose name stands there, or stands there as a whole token", () => {
    fc.assert(
      fc.property(text, way, (whole, as) => {
        for (const { addresses } of peopleNamedIn(whole, as, people)) {
          for (const one of addresses) {
            const isOfTable = [...people].some(
              ([name, { userid, mobile }]) =>
                whole.replace(/\s+/g, " ").replaceAll(" (", "(").includes(name.replaceAll(" (", "(")) &&
                one.address === (one.as === "user" ? userid : mobile),
            );
            if (!isOfTable) assertStandsIn(whole, one.address, one.as);
            assert.doesNotMatch(one.address, /^@*all$/i);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("every letter stands in a name that is mentioned or returned as one that cannot be", () => {
    const letters = (some: string) => some.replace(/[^\p{L}]/gu, "");

    fc.assert(
      fc.property(text, way, (whole, as) => {
        const names = peopleNamedIn(whole, as, people).map(({ name }) => name);

        assert.equal(letters(names.join("")), letters(whole));
      }),
      { numRuns: 3000 },
    );
  });

  test("a name that is in the table is that person, whatever it looks like", () => {
    fc.assert(
      fc.property(text, way, (whole, as) => {
        const name = whole.trim();
        const [named, ...others] = peopleNamedIn(
          whole,
          as,
          new Map([...people, [name, { userid: "x", mobile: null }]]),
        );

        assert.deepEqual([named?.name, named?.addresses, others], [name, [{ as: "user", address: "x" }], []]);
      }),
    );
  });
});

test("a long text is read in linear time", () => {
  const pieces = [
    "(",
    " ",
    "1",
    "138 ",
    "张",
    "张1",
    "/",
    "/1",
    "a ",
    "+86 ",
    "1-",
    "(a ",
    "张-",
    "张 1",
    "@",
    "[a]",
    "： ",
  ];

  for (const one of pieces) {
    const startedAt = process.cpuUsage();
    peopleNamedIn(one.repeat(100_000 / one.length), "user", people);
    const { user } = process.cpuUsage(startedAt);

    assert.ok(user < 1_000_000, `${JSON.stringify(one)} takes ${user / 1000} ms`);
  }
});

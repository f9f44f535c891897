import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  alertFilters,
  hasExactly,
  isMatched,
  isNeverSilenced,
  labelsKey,
  scopeMatchers,
} from "../../../src/actions/silence.ts";
import type { SilenceScope } from "../../../src/domain/silence.ts";
import { parseMatchers } from "../../../src/route/matcher.ts";

const labels = { alertname: "DiskFull", instance: "db-1:9100", cluster: "sh", device: "sda", empty: "" };

const scopes: Readonly<Record<string, readonly [SilenceScope, Readonly<Record<string, string>>, object | null]>> = {
  "an alert has all of its labels": [
    "alert",
    labels,
    { alertname: "DiskFull", instance: "db-1:9100", cluster: "sh", device: "sda" },
  ],
  "an instance is that of one cluster": ["instance", labels, { instance: "db-1:9100", cluster: "sh" }],
  "a rule is that of one cluster": ["rule", labels, { alertname: "DiskFull", cluster: "sh" }],
  "without a cluster, an instance is any of that name": ["instance", { instance: "a" }, { instance: "a" }],
  "an alert without an instance has none to silence": ["instance", { alertname: "A", instance: "" }, null],
  "an alert without a name has no rule to silence": ["rule", { job: "a" }, null],
  "without labels, everything would be silenced": ["alert", { a: "" }, null],
};

describe("the matchers of a silence", () => {
  for (const [what, [scope, given, wanted]] of Object.entries(scopes)) {
    it(`${what}`, () => {
      const matchers = scopeMatchers(scope, given);

      assert.deepEqual(matchers && Object.fromEntries(matchers.map(({ name, value }) => [name, value])), wanted);
    });
  }
});

const name = fc.oneof(fc.constantFrom("alertname", "instance", "cluster", "__proto__", "名字", "a b"), fc.string());
const value = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom('"', "\\", "\n", "\\n", "\t", "a\\"),
);
const anyLabels = fc.dictionary(name, value, { maxKeys: 6, noNullPrototype: true });

describe("for all labels", () => {
  it("a silence of an alert covers it, and none that lacks or changes a label", () => {
    fc.assert(
      fc.property(anyLabels, (given) => {
        const matchers = scopeMatchers("alert", given) ?? [];

        assert.ok(isMatched(given, matchers));
        assert.ok(hasExactly(given, given));
        for (const { name: lacking } of matchers) {
          const others = Object.entries(given).filter(([one]) => one !== lacking);
          const without = Object.fromEntries(others);
          const changed = Object.fromEntries([...others, [lacking, `${given[lacking]}x`]]);
          for (const other of [without, changed]) {
            assert.ok(!isMatched(other, matchers));
            assert.ok(!hasExactly(other, given) && !hasExactly(given, other));
          }
        }
      }),
    );
  });

  it("two have the same key when they are exactly alike", () => {
    fc.assert(
      fc.property(anyLabels, anyLabels, (one, other) => {
        const reversed = Object.fromEntries(Object.entries({ ...one, none: "" }).toReversed());

        assert.equal(labelsKey(reversed), labelsKey({ ...one, none: "" }));
        assert.equal(labelsKey(one) === labelsKey(other), hasExactly(one, other));
      }),
    );
  });

  it("a filter is read as the matcher that it was made of", () => {
    fc.assert(
      fc.property(
        name.filter((one) => one !== "" && !/\n/u.test(one)),
        value,
        (filtered, held) => {
          fc.pre(held.isWellFormed() && filtered.isWellFormed());
          const [filter = ""] = alertFilters([{ name: filtered, value: held }]);

          const parsed = parseMatchers(filter);

          assert.deepEqual(parsed.kind === "parsed" && parsed.matchers.map((one) => [one.name, one.op, one.value]), [
            [filtered, "=", held],
          ]);
        },
      ),
    );
  });
});

describe("filters", () => {
  it("leave out names that older versions cannot read, long values, and what is too much for an address", () => {
    const many = Array.from({ length: 40 }, (_, n) => ({ name: `l${n}`, value: "v" }));

    assert.deepEqual(
      alertFilters([
        { name: "名字", value: "a" },
        { name: "long", value: "x".repeat(300) },
        { name: "job", value: "a" },
      ]),
      ['job="a"'],
    );
    assert.deepEqual(alertFilters([{ name: "名字", value: "a" }]), ['"名字"="a"']);
    assert.equal(alertFilters(many).length, 30);
  });
});

describe("what is never silenced", () => {
  const entry = (text: string) => {
    const parsed = parseMatchers(text);
    return parsed.kind === "parsed" ? parsed.matchers : assert.fail(text);
  };
  const never = [entry('alertname="Watchdog"'), entry('team="dba",severity="critical"')];

  const cases: readonly (readonly [Readonly<Record<string, string>>, boolean])[] = [
    [{ alertname: "Watchdog", team: "web" }, true],
    [{ alertname: "A", team: "dba", severity: "critical" }, true],
    [{ alertname: "A", team: "dba", severity: "warning" }, false],
    [{}, false],
  ];
  for (const [given, wanted] of cases) {
    it(`${JSON.stringify(given)}: ${wanted}`, () => assert.equal(isNeverSilenced(given, never), wanted));
  }
});

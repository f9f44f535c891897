import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  alertFilters,
  covering,
  exceptions,
  hasExactly,
  isNeverSilenced,
  labelsKey,
  opposite,
  scopeMatchers,
} from "../../../src/actions/silence.ts";
import { type SilenceScope, silenceScopes } from "../../../src/domain/silence.ts";
import { type Matcher, matcherText, parseMatchers } from "../../../src/route/matcher.ts";

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

/** The matchers of an entry. */
function entry(text: string): readonly Matcher[] {
  const parsed = parseMatchers(text);
  return parsed.kind === "parsed" ? parsed.matchers : assert.fail(text);
}

describe("a silence leaves out", () => {
  const rows: Readonly<Record<string, readonly [SilenceScope, readonly string[], readonly string[]]>> = {
    "what one matcher protects": ["instance", ['alertname="Watchdog"'], ['alertname="Watchdog"']],
    "what has another value than all but one": ["instance", ['device!="sda"'], ['device!="sda"']],
    "nothing that has other values of what it is about": ["rule", ['alertname="Watchdog"', 'cluster!~"s."'], []],
    "of several matchers the one that the alert does not match": [
      "rule",
      ['alertname="DiskFull",device=~"sd.",severity="critical"'],
      ['severity="critical"'],
    ],
    "each matcher once": ["rule", ['team="dba"', 'team="dba",severity="critical"'], ['team="dba"']],
    "alerts with more labels, also of one alert": ["alert", ['team="dba"'], ['team="dba"']],
  };
  for (const [what, [scope, never, wanted]] of Object.entries(rows)) {
    it(what, () => {
      const matchers = scopeMatchers(scope, labels) ?? [];

      const left = exceptions({ labels, matchers, never: never.map(entry) });

      assert.deepEqual(left.map(matcherText), wanted);
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

        assert.ok(covering(matchers)(given));
        assert.ok(hasExactly(given, given));
        for (const { name: lacking } of matchers) {
          const others = Object.entries(given).filter(([one]) => one !== lacking);
          const without = Object.fromEntries(others);
          const changed = Object.fromEntries([...others, [lacking, `${given[lacking]}x`]]);
          for (const other of [without, changed]) {
            assert.ok(!covering(matchers)(other));
            assert.ok(!hasExactly(other, given) && !hasExactly(given, other));
          }
        }
      }),
    );
  });

  it("a silence that leaves out what is never silenced covers its alert and none that is protected", () => {
    const few = fc.constantFrom("alertname", "instance", "team");
    const fewLabels = fc.dictionary(few, fc.constantFrom("", "a", "b", "c"), { noNullPrototype: true });
    const test = fc.tuple(few, fc.constantFrom("=", "!=", "=~", "!~"), fc.constantFrom("", "a", "a|b", ".+"));
    const one = fc
      .array(test, { minLength: 1, maxLength: 3 })
      .map((tests) => entry(tests.map(([about, op, text]) => `${about}${op}"${text}"`).join(",")));
    const never = fc.array(one, { maxLength: 3 });
    fc.assert(
      fc.property(fewLabels, fewLabels, never, fc.constantFrom(...silenceScopes), (given, other, entries, scope) => {
        const shared = scopeMatchers(scope, given);
        fc.pre(shared !== null && !isNeverSilenced(given, entries));
        const left = exceptions({ labels: given, matchers: shared ?? [], never: entries });
        const covers = covering([...(shared ?? []), ...left.map(opposite)]);

        assert.ok(covers(given));
        assert.ok(!(covers(other) && isNeverSilenced(other, entries)));
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
          const [filter = ""] = alertFilters([{ name: filtered, op: "=", value: held }]);

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
    const many = Array.from({ length: 40 }, (_, n) => ({ name: `l${n}`, op: "=" as const, value: "v" }));

    assert.deepEqual(
      alertFilters([
        { name: "名字", op: "=", value: "a" },
        { name: "long", op: "=", value: "x".repeat(300) },
        { name: "job", op: "=", value: "a" },
      ]),
      ['job="a"'],
    );
    assert.deepEqual(alertFilters([{ name: "名字", op: "=", value: "a" }]), ['"名字"="a"']);
    assert.equal(alertFilters(many).length, 30);
  });
});

describe("what is never silenced", () => {
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

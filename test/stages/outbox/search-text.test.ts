import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { matchesTerms, searchTerms, searchText } from "../../../src/outbox/search-text.ts";
import { completeAlert, completeGroup } from "../../support/alerts.ts";

const disk = completeAlert({ labels: { alertname: "DiskFull", host: "db 1", team: "DBA" } });

describe("the text of a group to search in", () => {
  it("has the receiver and each pair of a label once, in lower case", () => {
    const other = completeAlert({ labels: { alertname: "DiskFull", host: "db 2" } });

    assert.equal(
      searchText(completeGroup([disk, other], { receiver: "Web.Hook" })),
      "web.hook\nalertname=diskfull\nhost=db 1\nteam=dba\nhost=db 2",
    );
  });

  it("is text that every database stores, one line for each pair, whatever the labels are", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), (labels) => {
        const text = searchText(completeGroup([completeAlert({ labels })]));
        assert.ok(text.isWellFormed() && !text.includes("\0"));
        assert.ok(text.split("\n").length <= 1 + Object.keys(labels).length);
      }),
    );
  });
});

const cases: readonly (readonly [query: string, matches: boolean])[] = [
  ["", true],
  ["  ", true],
  ["disk", true],
  ["DISKFULL dba", true],
  ["disk ops", false],
  ["HOOK team=", true],
  ["memory", false],
  ["host=db", true],
  ['host="db 1"', true],
  ['host="DB 1"', true],
  ['host="db"', false],
  ['"db 1"', true],
  ['"b 1" team="dba"', true],
  ['host="db 1', true],
  ["team=~dba", false],
];

describe("the words of a search", () => {
  for (const [query, matches] of cases) {
    it(`${JSON.stringify(query)} ${matches ? "finds" : "does not find"} an alert`, () => {
      assert.equal(matchesTerms(disk, "web.hook", searchTerms(query)), matches);
    });
  }

  it("each pair of an alert, written as a label, finds it", () => {
    const value = fc.string().filter((text) => !text.includes('"'));
    fc.assert(
      fc.property(value, (host) => {
        const alert = completeAlert({ labels: { host } });
        assert.ok(matchesTerms(alert, "", searchTerms(`host="${host}"`)));
      }),
    );
  });
});

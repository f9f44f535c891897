import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  bitsOf,
  blockIndex,
  hasBits,
  type IndexedRow,
  needlesOf,
  placesOfBlock,
  placesWith,
} from "../../../src/outbox/history-words.ts";
import { matchesTerms, searchTerms, searchText } from "../../../src/outbox/search-text.ts";
import { completeAlert, completeGroup } from "../../support/alerts.ts";

function rowOf(id: number, labels: Readonly<Record<string, string>>): IndexedRow {
  return { id, bot: "ops", outcome: "delivered", search: searchText(completeGroup([completeAlert({ labels })])) };
}

function finished<T>(work: Generator<void, T>): T {
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value;
}

/** Places in the only block. */
function found(rows: readonly IndexedRow[], text: string, names: { bot?: string; outcome?: string } = {}) {
  const { filter, words } = finished(blockIndex(rows));
  const needles = needlesOf({ terms: searchTerms(text), bot: names.bot ?? null, outcome: names.outcome ?? null });
  return hasBits(filter, bitsOf(needles)) ? placesWith(words, needles, placesOfBlock) : [];
}

const ofText = fc.string({ unit: fc.constantFrom(..."ab1-.= _é磁😀\u0001A") });

describe("the words of a block", () => {
  it("every row that matches is found, whatever the labels and the search are", () => {
    const aRow = fc.dictionary(ofText, ofText, { maxKeys: 4 });
    fc.assert(
      fc.property(fc.array(aRow, { maxLength: 40 }), ofText, fc.boolean(), (labelsOf, word, isQuoted) => {
        const query = isQuoted ? `"${word}"` : word;
        const rows = labelsOf.map((labels, n) => rowOf(7 + 3 * n, labels));

        const places = new Set(found(rows, query));

        for (const [n, labels] of labelsOf.entries()) {
          const { receiver } = completeGroup([]);
          const matches = matchesTerms(completeAlert({ labels }), receiver, searchTerms(query));
          if (matches) assert.ok(places.has(3 * n), `${JSON.stringify(labels)} for ${query}`);
        }
      }),
    );
  });

  it("a label with its value finds its row, and no row whose words are others", () => {
    const rows = Array.from({ length: placesOfBlock }, (_, n) => rowOf(100 + n, { instance: `10.4.1.${n}:9100` }));

    for (const n of [0, 1, 31, 32, 33, 500, placesOfBlock - 1]) {
      assert.deepEqual(found(rows, `instance="10.4.1.${n}:9100"`), [n]);
    }
    assert.deepEqual(found(rows, "10.4.1.50"), [509, 508, 507, 506, 505, 504, 503, 502, 501, 500, 50]);
    assert.deepEqual(found(rows, "4.1.77:91"), [77]);
    assert.equal(found(rows, "instance").length, placesOfBlock);
    assert.deepEqual(found(rows, "10.4.2"), []);
    assert.deepEqual(found([rowOf(0, { code: "1-77" }), rowOf(1, { code: "1-977" })], "1-77"), [0]);
  });

  it("outcomes and bots are found by their whole names, and by no text", () => {
    const rows = ["ops", "ops-2", "o"].map((bot, n) => ({
      ...rowOf(n, { a: "b" }),
      bot,
      outcome: n === 1 ? "dead" : "x",
    }));

    assert.deepEqual(found(rows, "", { bot: "ops" }), [0]);
    assert.deepEqual(found(rows, "b", { bot: "ops-2", outcome: "dead" }), [1]);
    assert.deepEqual(found(rows, "", { bot: "ops", outcome: "dead" }), []);
    assert.deepEqual([found(rows, "ops"), found(rows, "dead")], [[], []]);
  });
});

// A thread that fails costs one question its answer; the next is answered by a new thread.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { QuestionThread, ThreadClosed, ThreadFailed, type ThreadLimits } from "../../../src/threads/question-thread.ts";
import { eventually } from "../../support/stack.ts";
import type { TestQuestion } from "./answering.ts";

const file = new URL("answering.ts", import.meta.url);

function threadWith(t: TestContext, limits: Partial<ThreadLimits> = {}) {
  const thread = new QuestionThread<TestQuestion, unknown>({ file, setup: "the setup" }, limits);
  t.after(() => thread.close());
  return thread;
}

describe("a question thread", () => {
  it("answers in the order of the questions, and has its setup", async (t) => {
    const thread = threadWith(t);

    const answers = await Promise.all([thread.ask(1), thread.ask("setup"), thread.ask(2)]);

    assert.deepEqual(answers, [2, "the setup", 4]);
  });

  for (const [question, limits, message] of [
    ["throw", {}, /^RangeError: no answer\n/u],
    ["loop", { answerMs: 100 }, /^it took longer than 100 ms$/u],
    ["exit", {}, /^the thread ended with 3$/u],
    ["heap", { heapMegabytes: 16 }, /memory limit/u],
  ] as const) {
    it(`fails the question "${question}" alone; those behind it are answered`, async (t) => {
      const thread = threadWith(t, limits);

      const [before, failed, ...behind] = await Promise.allSettled(
        ([1, question, 2, 3] as const).map((one) => thread.ask(one)),
      );

      assert.deepEqual(
        [before, ...behind].map((one) => one?.status === "fulfilled" && one.value),
        [2, 4, 6],
      );
      assert.ok(failed?.status === "rejected" && failed.reason instanceof ThreadFailed);
      assert.match(failed.reason.message, message);
    });
  }

  it("rejects questions when its file is missing, and closes", async (t) => {
    const missing = new URL("missing.ts", import.meta.url);
    const thread = new QuestionThread<number, number>({ file: missing, setup: null });
    t.after(() => thread.close());

    await assert.rejects(thread.ask(1), /Cannot find module/u);
  });

  it("fails a question whose thread does not start in time; the next one gets another thread", async (t) => {
    const source = { file: new URL("never-ready.ts", import.meta.url), setup: null };
    const thread = new QuestionThread<number, number>(source, { startMs: 100 });
    t.after(() => thread.close());

    for (const question of [1, 2]) {
      await assert.rejects(thread.ask(question), /it took longer than 100 ms to start/u);
      assert.equal(thread.isRunning, false);
    }
  });

  it("ends when it is idle, and is started again by the next question", async (t) => {
    const thread = threadWith(t, { idleMs: 1 });
    await thread.ask(1);
    await eventually("the thread ended", () => !thread.isRunning);

    assert.equal(await thread.ask(2), 4);
  });

  it("ends at once, or when all open questions are answered, if it is asked to", async (t) => {
    const thread = threadWith(t);
    await thread.ask(1);

    thread.endWhenIdle();
    const endedAtOnce = !thread.isRunning;
    const open = [thread.ask(2), thread.ask(3)];
    thread.endWhenIdle();

    assert.ok(endedAtOnce);
    assert.deepEqual(await Promise.all(open), [4, 6]);
    assert.equal(thread.isRunning, false);
    assert.equal(await thread.ask(4), 8);
    assert.equal(thread.isRunning, true);
  });

  it("rejects open and later questions when it is closed, also one that is being answered", async (t) => {
    const thread = threadWith(t);
    await thread.ask(1);
    const open = Promise.allSettled((["loop", 1, 2] as const).map((one) => thread.ask(one)));

    await thread.close();

    const reasons = (await open).map((one) => one.status === "rejected" && one.reason instanceof ThreadClosed);
    assert.deepEqual(reasons, [true, true, true]);
    await assert.rejects(thread.ask(1), ThreadClosed);
    assert.equal(thread.isRunning, false);
  });
});

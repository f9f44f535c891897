import assert from "node:assert/strict";
import { test } from "node:test";
import { allKeys, opsKey, send, simulatorFor, text, upload } from "./running-simulator.ts";

const readable = [
  "",
  "_sim/messages",
  "_sim/violations",
  "_sim/arrivals",
  "_sim/files",
  "_sim/robots",
  "_sim/rules",
  "_sim/faults",
  "_sim/window",
  "_sim/clock",
  "_sim/files/1",
  `no-such-page?key=${opsKey}`,
];

test("no key appears in any answer, page or list, not even a key that a client put into a message", async (t) => {
  const simulator = await simulatorFor(t);
  const answers = [
    await send(simulator, text(`see ${opsKey}`)),
    await send(simulator, { msgtype: opsKey }),
    await send(simulator, { ...text("x"), [opsKey]: 1 }),
    await send(simulator, text("")),
    await upload(simulator, new File([`key ${opsKey}`], `${opsKey}.txt`)),
  ];
  simulator.script(null, [{ kind: "status", status: 500, body: opsKey }]);

  const pages = await Promise.all(readable.map(async (path) => (await fetch(`${simulator.origin}/${path}`)).text()));

  const shown = [...answers.map(({ text: body }) => body), ...pages].join("\n");
  for (const key of allKeys) assert.equal(shown.includes(key), false);
  assert.match(shown, /see \*\*\*/);
});

test("a message or file that shows a robot's key to the group is flagged", async (t) => {
  const simulator = await simulatorFor(t);

  await send(simulator, text(`see ${opsKey}`));
  await upload(simulator, new File([`key ${opsKey}`], "a.txt"));

  assert.deepEqual(
    simulator.violations().map(({ rule, errcode }) => [rule, errcode]),
    [
      ["body/shows-key", 0],
      ["upload_media/shows-key", 0],
    ],
  );
});

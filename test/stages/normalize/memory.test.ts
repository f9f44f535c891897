// Odd bodies within all limits, parsed by a process with the heap that Node has in a container of 256 MB: 128 MB.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

const alerts = '"alerts":[{"labels":{"a":"b"}}]';

/** As expressions, so that no argument is larger than a command line may be. */
for (const [what, body] of [
  [
    "half a million objects and a numeric groupKey",
    `'{"groupKey":1e300,"x":[' + '{"groupKey":1},'.repeat(494_000) + '0],${alerts}}'`,
  ],
  [
    "900,000 names and a numeric groupKey",
    `'{"groupKey":1e300,' + Array.from({ length: 900_000 }, (_, n) => '"' + n.toString(36) + '":1').join() + ',${alerts}}'`,
  ],
  ["900,000 numbers", `'{"x":[' + '1.5,'.repeat(900_000) + '0],${alerts}}'`],
] as const) {
  test(`a body of ${what} does not end the process`, { timeout: 60_000 }, async () => {
    const file = new URL("../../../src/normalize/parse-body.ts", import.meta.url);
    const script = `
      import { parseBody } from ${JSON.stringify(file)};
      const bytes = Buffer.from(${body});
      console.log(bytes.length < 10 * 2 ** 20, parseBody(bytes).kind);`;

    const { stdout } = await run(process.execPath, [
      "--max-old-space-size=128",
      "--max-semi-space-size=2",
      "--input-type=module",
      "--eval",
      script,
    ]);

    assert.equal(stdout, "true parsed\n");
  });
}

// The service as a separate process on a faster clock. argv: config file, port, factor, origin of the clock.

import { startService } from "../../src/app.ts";
import { loadSetup } from "../../src/commands/setup.ts";
import { plainWeb } from "../../src/config/web-config.ts";
import { createLog } from "../../src/observe/log.ts";
import { scaledClock } from "../support/scaled-clock.ts";

const [configFile, port, factor, originAt] = process.argv.slice(2);
const load = () => loadSetup(configFile ?? "", process.env);
const loaded = load();
if (loaded.kind === "invalid") throw new Error(loaded.issues.join("\n"));

const service = await startService({
  setup: loaded.setup,
  load,
  watched: loaded.watched,
  version: "test",
  demo: false,
  listen: { host: "127.0.0.1", port: Number(port) },
  web: plainWeb,
  readTls: null,
  clock: scaledClock(Number(factor), Number(originAt)),
  random: Math.random,
  memoryBytes: 4 * 2 ** 30,
  descriptors: 1_024,
  owner: `child-${process.pid}`,
  log: createLog({ level: "info", format: "logfmt" }),
  // The clock of a PostgreSQL server, at the same speed.
  databaseNow: `floor(${originAt} + (extract(epoch from clock_timestamp()) * 1000 - ${originAt}) * ${factor})::bigint`,
});
process.on("SIGHUP", () => service.reload("signal"));
process.once("SIGTERM", async () => {
  await service.stop({ drainMs: 0 });
  process.exit(0);
});
// Last, because the reader of this line may send a signal at once.
process.stdout.write(`listening ${service.port}\n`);

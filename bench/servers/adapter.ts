// An adapter of storm/adapters.ts as a process of its own, which can be killed. argv: port, name, origin and key of the robot.

import { createServer } from "node:http";
import { adapters } from "../storm/adapters.ts";

const [port = "", name = "", origin = "", key = ""] = process.argv.slice(2);
const adapter = adapters[name]?.({ origin, key });
if (adapter === undefined) throw new Error(`there is no adapter ${name}`);
createServer(async (request, response) => {
  if (request.method === "POST") response.statusCode = await adapter(Buffer.concat(await request.toArray()).toString());
  response.end();
}).listen(Number(port), "127.0.0.1");

// Writes config.schema.json from the config schema, and what is made from that. Run it after a change of src/config/schema.ts.

import { writeFileSync } from "node:fs";
import { configSchemaText } from "../src/config/schema.ts";

writeFileSync(new URL("../config.schema.json", import.meta.url), configSchemaText());
await import("./write-chart.ts");

// Writes config.schema.json and the files generated from it. Run it after a change of src/config/schema.ts.

import { writeFileSync } from "node:fs";
import { configSchemaText } from "../src/config/schema.ts";

writeFileSync(new URL("../config.schema.json", import.meta.url), configSchemaText());
await import("./write-chart.ts");

// Writes config.schema.json from the config schema. Run it after a change of src/config/schema.ts.

import { writeFileSync } from "node:fs";
import { configSchemaText } from "../src/config/schema.ts";

writeFileSync(new URL("../config.schema.json", import.meta.url), configSchemaText());

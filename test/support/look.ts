import type { DisplaySettings } from "../../src/domain/display.ts";

/** What a config says without `display`. */
export const plainDisplay: DisplaySettings = {
  titlePrefix: "",
  marks: "emoji",
  severityWords: "translated",
  labels: { subject: [], show: [], fold: [], folded: "values" },
  silence: "subject",
};

/** How a destination is written to, without anything in the config. */
export const plainLook = { language: "zh", timezone: "Asia/Shanghai", display: plainDisplay, graph: false } as const;

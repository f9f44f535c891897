import { followUpResults } from "../domain/action.ts";
import { actionFailures } from "../domain/action-failure.ts";
import type { MetricFamilies } from "./families.ts";

/** Every HTTP status of the phone page. */
const phonePageCodes = [200, 303, 400, 403, 404, 405, 409, 413, 429, 502, 503, 504] as const;
export type PhonePageCode = (typeof phonePageCodes)[number];

/** What readers do there. */
const pageActions = ["acknowledge", "silence"] as const;

/** `done`, or why not (docs/errors.md). */
const actionResults = ["done", ...actionFailures] as const;

export function phonePageMetrics(families: MetricFamilies) {
  return {
    requests: families.counter(
      "phone_page_requests_total",
      "Requests to the page that links in messages lead to, by HTTP status of the answer.",
      { code: phonePageCodes },
    ),
    actions: families.counter("actions_total", "What readers did on the phone page, by result.", {
      action: pageActions,
      result: actionResults,
    }),
    followUps: families.counter(
      "silence_follow_ups_total",
      "Checks of silences that were set on the phone page, by result.",
      { result: followUpResults },
    ),
  };
}

// The webhook body of Grafana's unified alerting (version 1): Alertmanager's body, with a rendered title and message and more
// per alert. Its `state` can disagree with `status` and is read only where status is missing.

import type { AlertGroup } from "../domain/alert.ts";
import { readAlertmanagerGroup } from "./alertmanager.ts";
import { type JsonObject, readText } from "./read-fields.ts";

export function readGrafanaGroup(body: JsonObject, entries: readonly JsonObject[]): AlertGroup {
  return {
    ...readAlertmanagerGroup(body, entries),
    source: "grafana",
    title: readText(body.title),
    message: readText(body.message),
  };
}

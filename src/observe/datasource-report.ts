import type { QueryResult } from "../domain/datasource-query.ts";
import type { QueryReport } from "../graph/datasource/datasource.ts";
import type { LogPace } from "../receive/log-pace.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

interface DatasourceReportParts {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly logPace: LogPace;
}

/** Queries are counted; a datasource that begins to fail, or answers again, has a log line. */
export function reportDatasource({ log, metrics, logPace }: DatasourceReportParts): (report: QueryReport) => void {
  return ({ datasource, result, detail, rests }) => {
    metrics.datasources.queries.inc({ datasource, result });
    if (rests !== null || result === "answered") metrics.datasources.up.set({ datasource }, rests === true ? 0 : 1);
    const fields = { datasource, reason: result, detail };
    if (rests === true) log.warn(fields, "datasource failed three times, rests for a minute");
    else if (rests === false) log.info({ datasource }, "datasource answers again");
    else if (isNews(result)) logFailure(fields);
  };

  function logFailure(fields: { readonly datasource: string; readonly reason: string; readonly detail: string }): void {
    const silent = logPace.due(`datasource ${fields.datasource}`);
    if (silent !== null) log.warn({ ...fields, silent }, "datasource did not answer a query");
  }
}

/** What follows from earlier failures is counted only. */
function isNews(result: QueryResult): boolean {
  return result !== "answered" && result !== "resting" && result !== "busy";
}

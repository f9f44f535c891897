import { queryResults } from "../domain/datasource-query.ts";
import { anyDatasource, type MetricFamilies } from "./families.ts";

export function datasourceMetrics(families: MetricFamilies) {
  const up = families.gauge(
    "datasource_up",
    "1 while the datasource answers, 0 while it rests after three failures in a row. No series before it has answered.",
    { datasource: anyDatasource },
    null,
  );
  return {
    queries: families.counter("datasource_queries_total", "Queries to a datasource, by result.", {
      datasource: anyDatasource,
      result: queryResults,
    }),
    up,
    /** Datasources that are no longer configured are not asked; their counters stay. */
    forget(names: readonly string[]): void {
      for (const datasource of names) up.remove({ datasource });
    },
  };
}

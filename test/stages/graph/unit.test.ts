import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Unit, unitOf } from "../../../src/graph/unit.ts";

function check(unit: Unit, expressions: readonly string[]): void {
  for (const expression of expressions) assert.equal(unitOf(expression), unit, expression);
}

describe("the unit of an expression", () => {
  it("is in the name of its metric", () => {
    check("bytes", [
      "node_memory_free_bytes",
      'a_bytes{x="y"}',
      "read_bytes_total",
      '{"磁盘_bytes"}',
      "(a_bytes) offset 1d",
    ]);
    check("seconds", ["lag_seconds", "a_seconds_sum", "-lag_seconds"]);
    check("ratio", ["disk_used_ratio", "job:errors:ratio_rate5m", "cluster:cpu:ratio"]);
    check("percent", ["cpu_percent", "disk_usage_percentage"]);
    check("celsius", ["room_celsius"]);
    check("none", [
      "up",
      "http_requests_total",
      "a_seconds_count",
      "a_seconds_bucket",
      "bytes",
      "a_created_timestamp_seconds",
      "process_start_time_seconds",
    ]);
    check("bytes_per_second", ["instance:node_network_receive_bytes:rate5m"]);
  });

  it("stays in sums, means, extremes and what changes no value", () => {
    check("bytes", [
      "sum by (x) (a_bytes)",
      "quantile(0.9, a_bytes)",
      "max_over_time(a_bytes[1h:5m])",
      "quantile_over_time(0.9, a_bytes[1h])",
      "increase(a_bytes_total[5m])",
      'label_replace(a_bytes, "a", "$1", "b", "(.*)")',
      "clamp_max(a_bytes, 5)",
      "predict_linear(a_bytes[6h], 24 * 3600)",
      "a_bytes + b_bytes - 5",
      "a_bytes and b",
      "a_bytes > 5",
      "a_bytes or b_bytes",
    ]);
    check("none", [
      "count(a_bytes)",
      "stdvar(a_bytes)",
      "changes(a_bytes[5m])",
      "a_bytes + b_seconds",
      "a_bytes > bool 5",
    ]);
  });

  it("of a rate is one per second", () => {
    check("bytes_per_second", ["rate(a_bytes_total[5m])", "sum(irate(a_bytes_total[5m]))", "deriv(a_bytes[1h])"]);
    check("none", ["rate(cpu_seconds_total[5m])", "rate(a_total[5m])", "deriv(rate(a_bytes_total[5m])[1h:])"]);
  });

  it("of a quotient of equal units is a ratio, and times 100 a percentage", () => {
    check("ratio", [
      "a_bytes / b_bytes",
      "1 - a_bytes / b_bytes",
      "(a_bytes - b_bytes) / a_bytes",
      "sum(rate(r_total{code=~'5..'}[5m])) / sum(rate(r_total[5m]))",
      "cpu_percent / 100",
    ]);
    check("percent", ["(1 - a_bytes / b_bytes) * 100", "100 * used_ratio", "100 - used_ratio * 100"]);
    check("none", [
      "errors_total / requests_total",
      "a_bytes / 1024",
      "a_bytes * 8",
      "a_bytes / b_seconds",
      "a / b",
      "up / 2",
    ]);
  });

  it("of a sum by its count is the unit of one", () => {
    check("seconds", [
      "rate(a_seconds_sum[5m]) / rate(a_seconds_count[5m])",
      "histogram_quantile(0.99, sum by (le) (rate(a_seconds_bucket[5m])))",
      "histogram_quantile(0.99, rate(a_seconds[5m]))",
    ]);
    check("bytes", ["a_bytes / count(b)"]);
  });

  it("of the time since or until something is seconds", () => {
    check("seconds", ["time() - a_timestamp_seconds", "ssl_earliest_cert_expiry - time()", "time() - timestamp(up)"]);
    check("none", ["time()", "time() - 5", "(ssl_earliest_cert_expiry - time()) / 86400"]);
  });

  it("is found for any text without an error", () => {
    const pieces = fc.constantFrom(
      ..."a_bytes rate( ( ) / * 100 - + up[5m] sum( by (x) > bool and or time() 'x' ,".split(" "),
    );

    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 10 }), (parts) => {
        assert.equal(typeof unitOf(parts.join(" ")), "string");
      }),
      { numRuns: 1_000 },
    );
    check("none", ["", "a_bytes > 1k", "42", '"text"']);
  });
});

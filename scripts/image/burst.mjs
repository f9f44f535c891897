// Posts many webhooks in parallel, so that one transaction stores many: SQLite must work with a read-only root. Arguments: the
// service, the number of webhooks, and the alerts of each (1). Prints the answers; exits with 1 if one was not accepted at the first try.

const [service, count, alertsOfEach = "1"] = process.argv.slice(2);
/** A small container does not read many large groups at once: it would answer 503 to some. */
const sideBySide = alertsOfEach === "1" ? 300 : 20;
const outcomes = new Map();
let posted = 0;

const post = async (number) => {
  const groupLabels = { alertname: `Burst of ${alertsOfEach}`, instance: `host-${number}` };
  const alerts = Array.from({ length: Number(alertsOfEach) }, (_, n) => ({
    status: "firing",
    labels: { ...groupLabels, device: `disk${n}` },
    annotations: { description: "x".repeat(500) },
  }));
  const groupKey = `{}:{alerts="${alertsOfEach}",instance="${number}"}`;
  const body = JSON.stringify({ version: "4", groupKey, groupLabels, alerts });
  const answer = await fetch(`${service}/webhook`, { method: "POST", body });
  await answer.arrayBuffer();
  return answer.status;
};
const poster = async () => {
  while (posted < Number(count)) {
    posted += 1;
    const outcome = await post(posted).catch((error) => String(error.cause ?? error));
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
};

await Promise.all(Array.from({ length: sideBySide }, poster));
const output = [...outcomes].map(([outcome, times]) => `${times} answered with ${outcome}`);
console.log(`of ${count} webhooks, ${sideBySide} at a time: ${output.join(", ")}`);
process.exitCode = outcomes.size === 1 && outcomes.has(200) ? 0 : 1;

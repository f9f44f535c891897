// `helm test` runs this in our own image. With the simulator an alert must arrive in the simulated group. Without it nothing may
// reach a real group, so the service must be ready, and must reject a body that is not an alert.
const { SERVICE, SIMULATOR } = process.env;
const deadline = Date.now() + 30_000;
const until = async (what, holds) => {
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  console.log(`holds: ${what}`);
};
const post = (body) => fetch(`${SERVICE}/webhook`, { method: "POST", body });

await until("the service is ready", async () => (await fetch(`${SERVICE}/-/ready`)).ok);
if (SIMULATOR === "") {
  const { status } = await post("no alert");
  if (status !== 400 && status !== 401) throw new Error(`a body that is not an alert was answered with ${status}`);
  console.log(`holds: a body that is not an alert is rejected with ${status}`);
} else {
  const alertname = `HelmTest${Date.now()}`;
  const { status } = await post(JSON.stringify({ alerts: [{ status: "firing", labels: { alertname } }] }));
  if (status !== 200) throw new Error(`the alert was answered with ${status}`);
  await until("the alert reached the simulated group", async () =>
    (await (await fetch(`${SIMULATOR}/_sim/messages`)).text()).includes(alertname),
  );
}

// The lower bound: Express 5 that reads a body, parses it and answers. argv: port.

import express from "express";

const app = express().disable("x-powered-by").disable("etag");
app.post("/webhook", express.raw({ type: () => true, limit: "10mb" }), (request, response) => {
  const body = JSON.parse((request.body as Buffer).toString("utf8")) as { alerts: unknown[] };
  response.json({ status: "accepted", alerts: body.alerts.length });
});
app.listen(Number(process.argv[2]), "127.0.0.1", () => process.stdout.write("listening\n"));

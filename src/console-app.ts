// What the pages of one configuration show and do.

import type { Router } from "express";
import { configPage } from "./console/config-page.ts";
import { type ConsoleSection, createConsole } from "./console/console.ts";
import { overviewPage } from "./console/overview.ts";
import { fullPage } from "./console/page.ts";
import type { PlaygroundThread } from "./console/playground-thread.ts";
import { testAlert } from "./console/test-alert.ts";
import { deliveriesSection, refusedSection } from "./console-deliveries.ts";
import { consoleSessions } from "./console-session.ts";
import { playgroundSection, routingSection } from "./console-trials.ts";
import type { RenderPlanned } from "./deliver/renderer.ts";
import { acceptAsked } from "./own-notifications.ts";
import type { Guard } from "./receive/guard.ts";
import { senderOf } from "./receive/sender.ts";
import { createVisitors } from "./receive/visitors.ts";
import type { LiveService, ServiceSetup, SharedParts } from "./service-parts.ts";

interface ConsoleParts {
  readonly guard: Guard;
  readonly live: LiveService;
  readonly render: RenderPlanned;
  readonly playground: PlaygroundThread;
}

export function createConsoleApp(
  setup: ServiceSetup,
  shared: SharedParts,
  { guard, live, render, playground }: ConsoleParts,
): Router {
  const { web, clock, log, passwords } = shared;
  const { auth, language } = setup.config;
  const sessions = consoleSessions(setup.config, web);
  return createConsole({
    auth,
    visitors: createVisitors({ auth, users: web.users, guard, verify: passwords.verify, clock, sessions }),
    sessions,
    language,
    log,
    now: () => clock.wall(),
    sections: [
      overviewSection(setup, shared, live),
      deliveriesSection(setup, shared, render),
      refusedSection(setup, shared),
      routingSection(setup, shared, render),
      playgroundSection(setup, shared, playground),
      configSection(setup, shared, live),
    ],
  });
}

function overviewSection({ config }: ServiceSetup, shared: SharedParts, live: LiveService): ConsoleSection {
  const { log, outbox } = shared;
  return {
    name: (strings) => strings.overview,
    adminOnly: false,
    count: null,
    pages: {
      "/": async (visit) =>
        overviewPage(visit, await live.status(), {
          timezone: config.timezone,
          wallAt: shared.clock.wall(),
          outboxNow: outbox.now(),
          senders: await outbox.senders().catch(() => null),
        }),
    },
    actions: {
      "/bots/:bot/try-now": async (_visit, { params }) => {
        const bots = await live.tryNow([String(params.bot)]);
        if (bots === null) return null;
        log.info({ bots }, "operator asked to try again now");
        return "/";
      },
      "/bots/:bot/test": async (visit, req) => {
        const bot = String(req.params.bot);
        const test = testAlert(config, bot, outbox.now());
        if (test === null) return null;
        if (!(await acceptAsked([test], { config, outbox, sender: senderOf(req) }))) return fullPage(visit);
        log.info({ bot }, "operator sent a test message");
        await live.tryNow([bot]);
        return "/";
      },
    },
  };
}

function configSection({ config }: ServiceSetup, shared: SharedParts, live: LiveService): ConsoleSection {
  const { reload, refusedIssues } = shared;
  return {
    name: (strings) => strings.configuration,
    adminOnly: false,
    count: null,
    pages: {
      "/config": async (visit, { query }) => {
        const shown = { config, status: await live.status(), refused: refusedIssues(), reloaded: "reloaded" in query };
        return configPage(visit, shown);
      },
    },
    actions: {
      "/config/reload": async () => ((await reload()).issues === 0 ? "/config?reloaded" : "/config"),
    },
  };
}

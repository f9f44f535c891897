#!/usr/bin/env node
// Rejects an older Node with one line, else runs the command. Nothing else may be imported here
// statically: an older Node would fail while it loads that, before it prints the line.

const oldest = 24;

if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(`alertmanager-wecom needs Node ${oldest} or newer; this is ${process.version}\n`);
  process.exitCode = 1;
} else {
  const { runCommand } = await import("./commands/command-line.ts");
  process.exitCode = await runCommand(process.argv.slice(2));
}

export {};

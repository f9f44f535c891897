#!/usr/bin/env node
// The command line's front door: refuses an older Node in one line, then hands over. Nothing else may be imported here
// statically, since an older Node would fail while loading it and never reach the line.

const oldest = 24;

if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(`alertmanager-wecom needs Node ${oldest} or newer; this is ${process.version}\n`);
  process.exitCode = 1;
} else {
  const { runCommand } = await import("./commands/command-line.ts");
  process.exitCode = await runCommand(process.argv.slice(2));
}

export {};

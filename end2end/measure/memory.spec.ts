// The memory of a tab that follows ten changes a second for as long as MINUTES says. Nobody looks into the tab
// meanwhile: whoever does has the browser keep every answer of the server.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "@playwright/test";
import { startServer, test } from "../helpers.ts";
import { makeCall } from "../pages.ts";

const minutes = Number(process.env.MINUTES ?? 60);
// A call that is answered changes five times.
const callsPerSecond = 2;

test("a tab that is kept open", async ({ launchOptions }) => {
  test.skip(process.platform !== "linux", "memory is read from /proc");
  const server = await startServer();
  const profile = mkdtempSync(join(tmpdir(), "switchboard-tab."));
  const tab = spawn(
    launchOptions.executablePath ?? chromium.executablePath(),
    ["--headless", ...(launchOptions.args ?? []), `--user-data-dir=${profile}`, server.url],
    { stdio: "ignore" },
  );
  try {
    const begun = Date.now();
    let made = 0;
    for (let minute = 0; minute < minutes; minute += 1) {
      if (minute < 5 || minute % 10 === 0) console.log(`${minute} min: ${residentMegabytes(profile)} MB resident`);
      while (Date.now() - begun < (minute + 1) * 60_000) {
        await makeCall(server);
        made += 1;
        await pause(Math.max(0, begun + (made * 1000) / callsPerSecond - Date.now()));
      }
    }
    console.log(`${minutes} min: ${residentMegabytes(profile)} MB resident, after ${made} calls`);
  } finally {
    const ended = new Promise((resolve) => tab.once("exit", resolve));
    tab.kill();
    await ended;
    await server.stop();
    rmSync(profile, { recursive: true, force: true });
  }
});

/** Of the largest of the browser's processes that draw a page. */
function residentMegabytes(profile: string): number {
  const sizes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((id) => {
      try {
        const command = readFileSync(`/proc/${id}/cmdline`, "utf8");
        const isOurs = command.includes("--type=renderer") && command.includes(profile);
        return isOurs ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1]) : 0;
      } catch {
        // It has ended meanwhile.
        return 0;
      }
    });
  return Math.round(Math.max(...sizes) / 1024);
}

// Journeys in a real browser against a real build. Each worker starts a server of its own (helpers.ts), so this
// file needs no running server and `npx playwright test` works by itself once something has been built.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, defineConfig, devices } from "@playwright/test";

// The first means exist for browsers that run as root or in a container; the others keep the browser from asking
// the network for anything of its own, which would only cost time.
const browserArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  fullyParallel: false,
  workers: 2,
  // A journey that passes only sometimes is a fault, in the test or in the product: nothing is tried twice.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 30_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["html", { open: "never", outputFolder: "playwright-report" }]],
  use: {
    ...devices["Desktop Chrome"],
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: { args: browserArguments, ...installedBrowser() },
  },
  projects: [{ name: "chromium" }],
});

/** Playwright's own browser where it was downloaded, else the Chromium or Chrome of the system. */
function installedBrowser(): { executablePath?: string } {
  if (existsSync(chromium.executablePath())) return {};
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = [
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ].find((path) => existsSync(path));
  return found ? { executablePath: found } : {};
}

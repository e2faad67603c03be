// What the page weighs and how fast it is: figures to look at, not tests. They mean little while anything else runs.

import { defineConfig } from "@playwright/test";
import journeys from "./playwright.config.ts";

export default defineConfig(journeys, {
  testDir: "measure",
  workers: 1,
  timeout: 2 * 60 * 60_000,
  reporter: [["line"]],
});

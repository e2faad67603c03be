// `npm run screenshots -- folder`: the same browser and server as the tests, and no report.

import { defineConfig } from "@playwright/test";
import config from "./playwright.config.ts";

export default defineConfig(config, { testDir: "screenshots", reporter: "list" });

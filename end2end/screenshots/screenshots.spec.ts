// Photographs of every page and state, for looking at; nothing here is a test.

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expectHydrated, test } from "../helpers.ts";
import { emptyList, everyPage, everyState, gallerySettings, type Scene } from "../gallery.ts";
import type { Page } from "@playwright/test";

test.use({ settings: gallerySettings, expectedErrors: /./, trace: "off" });

// Relative to where npm was called, not to this folder.
const folder = resolve(process.env.INIT_CWD ?? ".", process.env.SCREENSHOTS ?? "screenshots");
const windows = [
  { width: 1440, height: 900 },
  { width: 768, height: 1024 },
  { width: 390, height: 844 },
];

test("photograph everything", async ({ page, server }) => {
  test.setTimeout(600_000);
  mkdirSync(folder, { recursive: true });
  await photograph(page, emptyList);
  for (const scene of await everyPage(server)) await photograph(page, scene);
  for (const scene of await everyState(server)) await photograph(page, scene);
});

async function photograph(page: Page, scene: Scene): Promise<void> {
  for (const window of windows) {
    await page.setViewportSize(window);
    await page.goto(scene.path);
    await expectHydrated(page);
    await scene.arrange?.(page);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      // The new colours are on the screen two frames later.
      await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
      const path = join(folder, `${scene.name}-${window.width}-${colorScheme}.png`);
      // A dialog covers the window, not the page.
      const isOpen = await page.getByRole("dialog").isVisible();
      await page.screenshot({ path, fullPage: !isOpen });
    }
    await scene.clearAway?.(page);
  }
}

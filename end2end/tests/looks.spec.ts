// What every page owes to every reader: nothing for axe to find in light or dark, and no page wider than its window.

import { expect, expectAccessible, expectHydrated, test } from "../helpers.ts";
import { emptyList, everyPage, everyState, gallerySettings, type Scene } from "../gallery.ts";
import type { Page } from "@playwright/test";

test.use({
  settings: { ...gallerySettings, NODE_NAME: "looks" },
  // A record of some forty pages would take longer than looking at them; what is wrong is told by name.
  trace: "off",
  // The gallery holds pages that are errors, and one that is offline; the browser prints a line for each.
  expectedErrors: /status of (400|401|404|409|422)|ERR_INTERNET_DISCONNECTED/,
});

const widths = [360, 390, 768, 1440, 2560];

// In this order, in one worker: the list is empty only at first, and states are arranged on what pages have made.
test.describe.configure({ mode: "serial" });

test("an empty list", async ({ page }) => {
  await expectToFit(page, emptyList);
  await expectNoFindings(page);
});

// All pages at once would take longer than a test may.
let pages: Scene[] | undefined;
for (const half of [0, 1]) {
  test(`every page, part ${half + 1} of 2`, async ({ page, server }) => {
    test.setTimeout(300_000);
    pages ??= await everyPage(server);
    for (const scene of pages.filter((_, nth) => nth % 2 === half)) {
      await test.step(scene.name, async () => {
        await expectToFit(page, scene);
        await expectNoFindings(page);
      });
    }
  });
}

test("every state", async ({ page, server }) => {
  test.setTimeout(300_000);
  for (const scene of await everyState(server)) {
    await test.step(scene.name, async () => {
      await expectToFit(page, scene);
      await expectNoFindings(page);
      await scene.clearAway?.(page);
    });
  }
});

/** Fails if axe finds anything, on a wide screen or in a pocket. */
async function expectNoFindings(page: Page): Promise<void> {
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  // No colour depends on the width.
  await expectAccessible(page, ["light"]);
}

/** Shows a scene and fails for each width at which the page could be scrolled sideways. */
async function expectToFit(page: Page, scene: Scene): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.goto(scene.path);
  await expectHydrated(page);
  await scene.arrange?.(page);
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    const tooWide = await page.evaluate(() => {
      const room = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= room) return [];
      const elements = [...document.body.querySelectorAll("*")];
      const outside = elements.filter((element) => element.getBoundingClientRect().right > room);
      return outside.map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
    });
    expect.soft(tooWide, `${scene.name} fits into ${width} pixels`).toEqual([]);
  }
  await page.setViewportSize({ width: 1280, height: 720 });
}

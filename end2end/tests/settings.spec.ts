// Settings: what is configured, the pause, and how this browser shows the pages.

import { expect, expectAccessible, test } from "../helpers.ts";
import { makeCall, noonIn } from "../pages.ts";
import type { Page } from "@playwright/test";

test.use({ settings: { NODE_NAME: "settings", CALLS_PER_SECOND: "7", METRICS_TOKEN: "a-token-nobody-may-read" } });

const ground = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("each setting is there with its value, and no secret", async ({ page, visit }) => {
      await visit("/settings");
      const line = (name: string) => page.getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });
      await expect(line("CALLS_PER_SECOND")).toContainText("7");
      await expect(line("CALLS_PER_SECOND")).toContainText("Set here");
      await expect(line("MAX_CALLS_IN_FLIGHT")).toContainText("Default");
      await expect(line("METRICS_TOKEN")).toContainText(/\bset\b/);
      expect(await page.content()).not.toContain("nobody-may-read");
    });

    test("placing is paused and resumed here", async ({ page, visit }) => {
      await visit("/settings");
      await page.getByRole("button", { name: "Pause", exact: true }).click();
      await expect(page.getByText(/^Paused by Somebody since/).first()).toBeVisible();
      await page.getByRole("button", { name: "Resume", exact: true }).click();
      await expect(page.getByText("No pause is set")).toBeVisible();
      await expect(page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
    });

    test("a look is chosen, kept, and there from the first byte", async ({ page, visit }) => {
      await page.emulateMedia({ colorScheme: "light" });
      await visit("/settings");
      const light = await ground(page);
      await page.getByRole("button", { name: "Dark" }).click();
      await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
      await expect(page.getByRole("button", { name: "Dark" })).toHaveAttribute("aria-pressed", "true");
      expect(await ground(page)).not.toBe(light);
      const response = await visit("/");
      expect(await response?.text()).toContain('data-theme="dark"');
      await page.goto("/docs");
      await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
      await visit("/settings");
      await page.getByRole("button", { name: "As the system" }).click();
      await expect(page.locator("html")).not.toHaveAttribute("data-theme");
      expect(await ground(page)).toBe(light);
    });

    test("webhooks are one press away, and lead back", async ({ page, visit }) => {
      await visit("/settings");
      await page.getByRole("link", { name: "Webhook endpoints" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Webhooks" })).toBeVisible();
      await page.getByRole("link", { name: "← Settings" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
    });
  });
}

test("a look that was chosen wins over the system, for axe too", async ({ page, visit }) => {
  await visit("/settings");
  for (const look of ["Dark", "Light", "As the system"]) {
    await page.getByRole("button", { name: look }).click();
    await expect(page.getByRole("button", { name: look })).toHaveAttribute("aria-pressed", "true");
    await expectAccessible(page);
  }
});

test("a pause of somebody else is named, with since when", async ({ page, server, visit }) => {
  const set = (paused: boolean) =>
    fetch(`${server.url}/api/dispatch`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ paused }),
    });
  await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
  await set(true);
  try {
    await visit("/settings");
    await expect(page.getByText(/^Paused by Somebody since/).first()).toBeVisible();
    await expectAccessible(page);
  } finally {
    await set(false);
  }
});

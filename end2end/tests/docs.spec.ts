// The API's reference: drawn by the server, whole without a script.

import { expect, expectAccessible, test } from "../helpers.ts";

test("the reference is readable at every width, in light and dark", async ({ page }) => {
  // There is much to look at for axe.
  test.setTimeout(120_000);
  await page.goto("/docs");
  for (const width of [360, 390, 768, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    const room = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect.soft(room, `it fits into ${width} pixels`).toBeLessThanOrEqual(0);
  }
  for (const example of await page.locator("#create_call summary").all()) await example.click();
  await expectAccessible(page);
});

test("the page leads to an operation, and from there to its schema", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "API" }).click();
  await page.getByRole("navigation", { name: "Contents" }).getByRole("link", { name: "Creates a call" }).click();
  await expect(page).toHaveURL(/#create_call$/);
  await page.locator("#create_call").getByRole("link", { name: "NewCall" }).click();
  await expect(page.getByRole("heading", { name: "NewCall" })).toBeInViewport();
});

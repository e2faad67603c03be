// The least that must hold before any journey is worth running.

import { expect, expectAccessible, test } from "../helpers.ts";

test("the first page opens, and neither browser nor axe complains", async ({ page }) => {
  await page.goto("/");
  await expect(page).toHaveTitle(/Switchboard/);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expectAccessible(page);
});

test("every file that the first page names is served", async ({ page, visit }) => {
  const missing: string[] = [];
  page.on("response", (response) => {
    if (response.status() >= 400) missing.push(`${response.status()} ${response.url()}`);
  });
  await visit("/");
  // The stream is opened last, by code that all the other files were needed for.
  await expect(page.getByRole("status")).toHaveText("Live");
  expect(missing).toEqual([]);
});

test("the server says that it is alive and able to work", async ({ request }) => {
  for (const path of ["/livez", "/readyz", "/health"]) {
    await expect(await request.get(path), path).toBeOK();
  }
});

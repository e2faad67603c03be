// Going from page to page faster than the pages come.

import { expect, test } from "../helpers.ts";
import { makeCall, someone } from "../pages.ts";

test.use({ settings: { NODE_NAME: "turning" } });

test("who chooses another call while the first one is on its way comes to the other", async ({ page, server, visit }) => {
  const one = await makeCall(server, { customer_name: someone("Slow"), delay_secs: 3600 });
  const other = await makeCall(server, { customer_name: someone("Quick"), delay_secs: 3600 });
  await visit("/");
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(`**/fn/get_call?*${one.id}*`, async (route) => {
    await held;
    await route.continue();
  });
  const asked = page.waitForRequest(`**/fn/get_call?*${one.id}*`);
  await page.getByRole("link", { name: one.customer_name }).click();
  await asked;
  await page.getByRole("link", { name: other.customer_name }).click();
  await expect(page.getByRole("heading", { level: 1, name: other.customer_name })).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/calls/${other.id}`);
  const answered = page.waitForResponse(`**/fn/get_call?*${one.id}*`);
  answer();
  await answered;
  await expect(page.locator(".progress")).not.toHaveAttribute("data-moving", "true");
  await expect(page.getByRole("heading", { level: 1, name: other.customer_name })).toBeVisible();

  // Nothing is stuck: the first one comes when it is chosen again.
  await page.goBack();
  await page.getByRole("link", { name: one.customer_name }).click();
  await expect(page.getByRole("heading", { level: 1, name: one.customer_name })).toBeVisible();
});

test("two steps back to another call, what is done is done to the one that is shown", async ({ page, server, visit }) => {
  const one = await makeCall(server, { customer_name: someone("First"), delay_secs: 3600 });
  const other = await makeCall(server, { customer_name: someone("Second"), delay_secs: 3600 });
  const text = someone("For the first one.");
  const note = page.getByRole("region", { name: "Timeline" }).getByText(text, { exact: true });
  await visit(`/calls/${one.id}`);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Calls" }).click();
  await page.getByRole("link", { name: other.customer_name }).click();
  await expect(page.getByRole("heading", { level: 1, name: other.customer_name })).toBeVisible();
  await page.evaluate(() => history.go(-2));
  await expect(page.getByRole("heading", { level: 1, name: one.customer_name })).toBeVisible();
  await page.getByLabel("Note").fill(text);
  await page.getByRole("button", { name: "Add note" }).click();
  await expect(note).toBeVisible();
  await visit(`/calls/${other.id}`);
  await expect(page.getByRole("heading", { level: 1, name: other.customer_name })).toBeVisible();
  await expect(note).toBeHidden();
});

// Ten thousand calls are as light on the page as fifty.

import { expect, test } from "../helpers.ts";
import { countDocuments, makeCall, rowOf, rows, tab } from "../pages.ts";

test.use({ settings: { NODE_NAME: "many" } });

const all = 10_000;
const scheduled_at = new Date(Date.now() + 30 * 86_400_000).toISOString();

test.beforeAll(async ({ server }) => {
  test.setTimeout(180_000);
  let next = 0;
  const worker = async () => {
    while (next < all) {
      const number = String(next++).padStart(5, "0");
      await makeCall(server, { customer_name: `Customer ${number}`, phone_number: `+141577${number}`, scheduled_at });
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
});

test("the page holds fifty of ten thousand, and every way through them is short", async ({ page, server, visit }) => {
  await visit("/");
  const documents = countDocuments(page);
  await expect(tab(page, "Pending")).toContainText("10000");
  await expect(rows(page)).toHaveCount(50);
  await page.getByRole("link", { name: "Older" }).click();
  await expect(page).toHaveURL(/cursor=/);
  await expect(rows(page)).toHaveCount(50);
  const newest = await rows(page).first().textContent();

  // Calls that arrive meanwhile move nothing on this page.
  await makeCall(server, { customer_name: "Latecomer", scheduled_at });
  await expect(tab(page, "Pending")).toContainText("10001");
  expect(await rows(page).first().textContent()).toBe(newest);

  await page.goto(server.url);
  await page.getByLabel("Search by name or number").fill("Customer 04242");
  await expect(rows(page)).toHaveCount(1);
  await expect(rowOf(page, "Customer 04242")).toBeVisible();
  expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(3_000);
  expect(documents(), "but for the one that was asked for by its address").toBe(1);
});

test("the file holds all of them", async ({ page, server }) => {
  const file = await (await page.request.get(`${server.url}/api/calls.csv?q=customer`)).text();
  expect(file.trimEnd().split("\r\n")).toHaveLength(all + 1);
});

// The list of calls: filters, search, pages, and the way back to where one was.

import { expect, test } from "../helpers.ts";
import { busy, countDocuments, endOf, makeCall, noonIn, rowOf, rows, tab } from "../pages.ts";
import type { Page } from "@playwright/test";

// A server of its own, so that the number of calls is known.
test.use({ settings: { NODE_NAME: "list" } });

const workflows = ["support", "sales", "reminder"] as const;

// 120 calls: three pages. They wait for a day to come, so nothing moves while a test looks at them.
test.beforeAll(async ({ server }) => {
  const scheduled_at = noonIn(5).toISOString();
  for (let number = 1; number <= 120; number += 1) {
    const padded = String(number).padStart(3, "0");
    await makeCall(server, {
      customer_name: `Customer ${padded}`,
      phone_number: `+14155557${padded}`,
      workflow: workflows[number % 3] ?? "support",
      scheduled_at,
    });
  }
});

test("three pages hold every call once, newest first, and the way back is the same", async ({ page, visit }) => {
  await visit("/");
  const first = await names(page, 50);
  expect(first[0]).toBe("Customer 120");
  await page.getByRole("link", { name: "Older" }).click();
  await expect(page).toHaveURL(/cursor=/);
  await expect(rows(page).first()).toContainText("Customer 070");
  const second = await names(page, 50);
  await page.getByRole("link", { name: "Older" }).click();
  await expect(rows(page).first()).toContainText("Customer 020");
  const third = await names(page, 20);
  await expect(page.getByRole("link", { name: "Older" })).toHaveCount(0);
  expect(new Set([...first, ...second, ...third]).size).toBe(120);

  await page.getByRole("link", { name: "Newer" }).click();
  await expect(rows(page).first()).toContainText("Customer 070");
  expect(await names(page, 50)).toEqual(second);
  await page.getByRole("link", { name: "Newer" }).click();
  await expect(rows(page).first()).toContainText("Customer 120");
  expect(await names(page, 50)).toEqual(first);
  await expect(page.getByRole("link", { name: "Newer" })).toHaveCount(0);
});

test("back, forward and reload keep the page of the list", async ({ page, visit }) => {
  await visit("/");
  await page.getByRole("link", { name: "Older" }).click();
  await expect(rows(page).first()).toContainText("Customer 070");
  await page.goBack();
  await expect(rows(page).first()).toContainText("Customer 120");
  await page.goForward();
  await expect(rows(page).first()).toContainText("Customer 070");
  await page.reload();
  await expect(rows(page).first()).toContainText("Customer 070");
});

test("tab and workflow narrow the list, and stay through back, forward and reload", async ({ page, visit }) => {
  await visit("/");
  await tab(page, "Pending").click();
  await expect(tab(page, "Pending")).toHaveAttribute("aria-current", "page");
  await page.getByRole("combobox", { name: "Workflow" }).selectOption("Sales");
  await expect(page).toHaveURL(/\/\?phase=pending&workflow=sales$/);
  await expect(rows(page)).toHaveCount(40);
  await tab(page, "Canceled").click();
  await expect(page.getByRole("heading", { name: "No call is canceled now." })).toBeVisible();

  await page.goBack();
  await expect(rows(page)).toHaveCount(40);
  await expect(page.getByRole("combobox", { name: "Workflow" })).toHaveValue("sales");
  await page.goForward();
  await expect(rows(page)).toHaveCount(0);
  await page.goBack();
  await page.reload();
  await expect(rows(page)).toHaveCount(40);
  await expect(page.getByRole("combobox", { name: "Workflow" })).toHaveValue("sales");
  await expect(tab(page, "Pending")).toHaveAttribute("aria-current", "page");
});

test("typing searches by the start of the name or of the digits", async ({ page, visit }) => {
  await visit("/");
  const search = page.getByRole("searchbox", { name: "Search by name or number" });
  await search.fill("customer 01");
  await expect(page).toHaveURL(/q=customer(\+|%20)01/);
  await expect(rows(page)).toHaveCount(10);
  await search.fill("+1 415 555-7042");
  await expect(rows(page)).toHaveCount(1);
  await expect(rowOf(page, "Customer 042")).toBeVisible();
  await page.reload();
  await expect(search).toHaveValue("+1 415 555-7042");
  await expect(rows(page)).toHaveCount(1);
  await search.fill("nobody");
  await expect(page.getByRole("heading", { name: /No call's name or number starts with “nobody”/ })).toBeVisible();
  await page.getByRole("link", { name: "Show all calls" }).click();
  await expect(rows(page)).toHaveCount(50);
  await expect(search).toHaveValue("");
});

test("from the list to a call and back loads no document, and comes back to the same place", async ({
  page,
  visit,
}) => {
  await visit("/");
  const documents = countDocuments(page);
  await page.evaluate(() => Object.assign(window, { isTheSameWindow: true }));
  const far = page.getByRole("link", { name: "Customer 080" });
  await far.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => window.scrollY);
  expect(before, "the row is below the fold").toBeGreaterThan(500);
  await far.click();
  await expect(page.getByRole("heading", { level: 1, name: "Customer 080" })).toBeVisible();
  await page.goBack();
  await expect(rows(page)).toHaveCount(50);
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(before);
  await expect(far).toBeInViewport();
  expect(await page.evaluate(() => "isTheSameWindow" in window)).toBe(true);
  expect(documents(), "documents loaded").toBe(0);
});

test("the tabs count the calls of each phase, and what needs a look", async ({ page, server, visit }) => {
  const [done, engaged, refused] = [
    await makeCall(server, { customer_name: "Zoe Done" }),
    await makeCall(server, { customer_name: "Zoe Busy", phone_number: busy }),
    await makeCall(server, { customer_name: "Zoe Refused", phone_number: "+14155550106" }),
  ];
  for (const call of [done, engaged, refused]) await endOf(server, call.id);
  await visit("/");
  const tabs = page.getByRole("navigation", { name: "Calls by phase" });
  await expect(tabs.getByRole("link")).toHaveText([
    "All 123",
    "Pending 120",
    "In progress 0",
    "Completed 1",
    "Failed 2",
    "Canceled 0",
    "Needs a look 1",
  ]);
  await tab(page, "Failed").click();
  await expect(rows(page)).toHaveCount(2);
  await tab(page, "Needs a look").click();
  await expect(rows(page)).toHaveCount(1);
  await expect(rowOf(page, "Zoe Refused")).toBeVisible();
});

/** The names on the page, once it has as many rows as it should. */
async function names(page: Page, count: number): Promise<string[]> {
  await expect(rows(page)).toHaveCount(count);
  return rows(page).locator("td:first-child").allTextContents();
}

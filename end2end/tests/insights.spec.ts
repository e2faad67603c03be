// The insights: the address says which days are shown, charts and tables say the same, and so does the CSV.

import { expect, expectAccessible, startServer, test, type Server } from "../helpers.ts";
import { busy, countDocuments, endOf, makeCall, noonIn } from "../pages.ts";
import type { Locator, Page } from "@playwright/test";

test.use({ settings: { NODE_NAME: "insights" } });

// The tests share one history: what ended stays ended.
test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ server }) => {
  for (const [phone_number, workflow] of [
    ["+14155550101", "support"],
    ["+14155550101", "sales"],
    [busy, "sales"],
  ] as const) {
    const call = await makeCall(server, { phone_number, workflow });
    await endOf(server, call.id);
  }
  const canceled = await makeCall(server, { workflow: "reminder", scheduled_at: noonIn(2).toISOString() });
  await fetch(`${server.url}/api/calls/${canceled.id}/cancel`, { method: "POST" });
  await expect.poll(() => total(server)).toBe(4);
});

test("a link, a choice and two days change the address and the numbers, and no document is loaded", async ({
  page,
  visit,
}) => {
  await visit("/insights");
  await expect(page.getByText("4 calls ended, by the day in which they did.")).toBeVisible();
  await expect(preset(page, "7 days")).toHaveAttribute("aria-current", "page");
  const documents = countDocuments(page);

  await preset(page, "30 days").click();
  await expect(page).toHaveURL(/\/insights\?range=30d$/);
  await expect(rowsOf(figure(page, "Calls by outcome"))).toHaveCount(30);
  await expect(preset(page, "30 days")).toHaveAttribute("aria-current", "page");

  await page.getByLabel("Workflow", { exact: true }).selectOption("Sales");
  await expect(page).toHaveURL(/workflow=sales/);
  await expect(page.getByText("2 calls ended, by the day in which they did.")).toBeVisible();

  await page.getByLabel("From").fill("2020-03-01");
  await page.getByLabel("To", { exact: true }).fill("2020-03-31");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(/from=2020-03-01&to=2020-03-31/);
  await expect(page.getByRole("heading", { name: "Nothing to show yet" })).toBeVisible();

  await page.goBack();
  await expect(page.getByText("2 calls ended, by the day in which they did.")).toBeVisible();
  await expect(page.getByLabel("Workflow", { exact: true }), "the form follows the address").toHaveValue("sales");
  await page.goBack();
  await expect(page.getByText("4 calls ended, by the day in which they did.")).toBeVisible();
  await expect(page.getByLabel("Workflow", { exact: true })).toHaveValue("");
  expect(documents()).toBe(0);

  const address = page.url();
  await page.reload();
  expect(page.url()).toBe(address);
  await expect(rowsOf(figure(page, "Calls by outcome"))).toHaveCount(30);
});

test("a time zone moves the hours", async ({ page, visit }) => {
  await visit("/insights?range=today&time_zone=UTC");
  await page.getByLabel("Time zone").selectOption("Asia/Kathmandu");
  await expect(page).toHaveURL(/time_zone=Asia%2FKathmandu/);
  await expect(page.getByText(/Counted up to .*(\+0545|NPT)/)).toBeVisible();
});

test("days that can't be are told beside the field, and what was typed stays", async ({ page, visit }) => {
  await visit("/insights");
  await page.getByLabel("From").fill("2026-11-02");
  await page.getByLabel("To", { exact: true }).fill("2026-11-01");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByRole("alert")).toContainText("The last day is before the first one");
  await expect(page.getByRole("alert")).toBeFocused();
  await expect(page.getByLabel("To", { exact: true })).toHaveAccessibleDescription(/last day is before/);
  await expect(page.getByLabel("From")).toHaveValue("2026-11-02");
  await page.getByRole("link", { name: /The last day is before/ }).click();
  await expect(page.getByLabel("To", { exact: true })).toBeFocused();
  await preset(page, "7 days").click();
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(page.getByText("4 calls ended, by the day in which they did.")).toBeVisible();
});

test("new numbers come when the page is looked at again", async ({ page, server, visit }) => {
  await visit("/insights?range=7d&workflow=reminder");
  await expect(page.getByText("1 call ended, by the day in which they did.")).toBeVisible();
  const call = await makeCall(server, { workflow: "reminder" });
  await endOf(server, call.id);
  await expect.poll(() => total(server)).toBe(5);
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await expect(page.getByText("2 calls ended, by the day in which they did.")).toBeVisible();
});

test("the CSV says what the table says", async ({ page, server, visit }) => {
  await visit("/insights?range=7d");
  for (const title of ["Calls by outcome", "Answer rate by workflow", "Time to answer", "Lateness"]) {
    const section = figure(page, title);
    const shown = await rowsOf(section).evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll("th, td:not(.figure-bar)")].map((cell) => cell.textContent ?? "")),
    );
    const href = await section.getByRole("link", { name: "Download CSV" }).getAttribute("href");
    const response = await fetch(server.url + String(href));
    expect(response.headers.get("content-disposition")).toContain("attachment");
    const lines = (await response.text()).trimEnd().split("\r\n").slice(1);
    const plain = lines.map((line) => line.split(","));
    const numbers = (rows: string[][]) =>
      rows.map((row) => row.slice(1).map((cell) => cell.replace(/[,%]|^<1%$|^–$/g, "")));
    expect(numbers(shown), title).toEqual(numbers(plain));
  }
});

test("charts can be told apart without colour, and say in words what they show", async ({ page, visit }) => {
  await visit("/insights?range=today");
  const fills = await page
    .locator("svg.chart rect[data-outcome]")
    .evaluateAll((parts) => parts.map((part) => part.getAttribute("fill")));
  expect(new Set(fills)).toEqual(
    new Set(["url(#outcome-completed)", "url(#outcome-busy)", "url(#outcome-canceled)", "currentColor"]),
  );
  await expect(page.getByRole("img", { name: /^Columns: calls that ended, by hour and outcome/ })).toBeVisible();
  await page.emulateMedia({ forcedColors: "active" });
  await expect(page.getByRole("img", { name: /^Columns: calls that ended/ })).toBeVisible();
  await page.emulateMedia({ forcedColors: null });
  await expectAccessible(page);
});

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false });

  test("links and the form lead to the same", async ({ page, visit }) => {
    await visit("/insights");
    await expect(figure(page, "Calls by outcome").getByRole("img")).toBeVisible();
    await preset(page, "Today").click();
    await expect(page).toHaveURL(/range=today/);
    await expect(page.getByText("calls ended, by the hour in which they did.")).toBeVisible();
    await page.getByLabel("Workflow", { exact: true }).selectOption("Support");
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page).toHaveURL(/workflow=support/);
    await expect(page.getByText("1 call ended, by the hour in which they did.")).toBeVisible();
  });
});

test("an installation that has done nothing yet says so", async ({ page }) => {
  const fresh = await startServer();
  try {
    await page.goto(`${fresh.url}/insights`);
    await expect(page.getByRole("heading", { name: "Nothing to show yet" })).toBeVisible();
    await expectAccessible(page);
  } finally {
    // A page that is still open would go on asking, and complain.
    await page.close();
    await fresh.stop();
  }
});

/** How many calls the insights of today and the days before it know. */
async function total(server: Server): Promise<number> {
  const response = await fetch(`${server.url}/api/insights`);
  const { totals } = (await response.json()) as { totals: { total: number } };
  return totals.total;
}

function preset(page: Page, words: string): Locator {
  return page.getByRole("navigation", { name: "Days" }).getByRole("link", { name: words, exact: true });
}

function figure(page: Page, title: string): Locator {
  return page.getByRole("region", { name: title, exact: true });
}

function rowsOf(section: Locator): Locator {
  return section.locator("tbody tr");
}

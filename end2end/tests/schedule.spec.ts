// Calls for later: what they wait for, in which order they go out, and how that is changed.

import { expect, test } from "../helpers.ts";
import {
  answered,
  callsOf,
  fillIn,
  inGroups,
  listOf,
  makeCall,
  noonIn,
  openMenu,
  rowOf,
  rows,
  someone,
  tab,
  utcWords,
  wallTime,
} from "../pages.ts";

// A server of its own, so that its list of pending calls is known.
test.use({ settings: { NODE_NAME: "schedule" } });

test("a call for later waits, and says until when", async ({ page, server, visit }) => {
  const [name, at] = [someone(), noonIn(1)];
  await visit("/calls/new");
  await fillIn(page, { name, number: answered, workflow: "Reminder", at: wallTime(at), zone: "UTC" });
  await page.getByRole("button", { name: "Create call" }).click();
  await page.getByRole("link", { name }).click();
  await expect(page.getByText("It waits.")).toBeVisible();
  await expect(page.getByText(`Waits for ${utcWords(at)}`)).toBeVisible();
  await expect(page.getByText(/it ends as missed/)).toBeVisible();
  const [call] = await callsOf(server, name);
  expect(call?.scheduled_at).toBe(at.toISOString());
});

test("a wall time is meant in the zone beside it, which is the browser's own at first", async ({
  page,
  server,
  visit,
}) => {
  const name = someone();
  await visit("/calls/new");
  await page.getByLabel("At a time").check();
  await expect(page.getByLabel("Time zone")).toHaveValue("Europe/Berlin");
  // India has no summer time, so the offset is known: five hours and a half.
  const at = noonIn(3);
  await fillIn(page, { name, number: answered, workflow: "Sales", at: wallTime(at), zone: "Asia/Kolkata" });
  await page.getByRole("button", { name: "Create call" }).click();
  await expect(rowOf(page, name)).toBeVisible();
  const [call] = await callsOf(server, name);
  expect(call?.scheduled_at).toBe(new Date(at.getTime() - 5.5 * 3_600_000).toISOString());
});

test("the pending tab has what goes out next first, under its day", async ({ page, server, visit }) => {
  const family = someone("Pending");
  const days = [9, 7, 8, 7];
  for (const [index, day] of days.entries()) {
    const scheduled_at = new Date(noonIn(day).getTime() + index * 60_000).toISOString();
    await makeCall(server, { customer_name: `${family} ${index}`, scheduled_at });
  }
  await visit(listOf(family));
  await tab(page, "Pending").click();
  await expect(page).toHaveURL(/phase=pending/);
  const title = (day: number) =>
    new Intl.DateTimeFormat("en-GB", {
      timeZone: "Europe/Berlin",
      weekday: "short",
      day: "numeric",
      month: "short",
      year: "numeric",
    }).format(noonIn(day));
  const lines = page.getByRole("table").locator("tbody").getByRole("row");
  await expect(lines).toHaveText([
    title(7),
    new RegExp(`${family} 1`),
    new RegExp(`${family} 3`),
    title(8),
    new RegExp(`${family} 2`),
    title(9),
    new RegExp(`${family} 0`),
  ]);
});

test("call now in its row sends a waiting call out", async ({ page, server, visit }) => {
  const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
  await visit(listOf(call.customer_name));
  const row = rowOf(page, call.customer_name);
  await expect(row.getByText("Pending", { exact: true })).toBeVisible();
  await row.getByRole("button", { name: "Call now" }).click();
  await expect(row.getByText("Completed", { exact: true })).toBeVisible();
});

test("edited in the form, it has another name, number and workflow", async ({ page, server, visit }) => {
  const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
  const name = someone("Grace");
  await visit(listOf(call.customer_name));
  const row = rowOf(page, call.customer_name);
  await openMenu(row);
  await row.getByRole("link", { name: "Edit" }).click();
  await expect(page.getByLabel("Customer name")).toHaveValue(call.customer_name);
  await expect(page.getByLabel("Phone number")).toHaveValue(inGroups(call.phone_number));
  await fillIn(page, { name, number: "+1 (415) 555-0103", workflow: "Sales" });
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByText("Changed the name, the number, the workflow")).toBeVisible();
  const [changed] = await callsOf(server, name);
  expect(changed).toMatchObject({ id: call.id, phone_number: "+14155550103", workflow: "sales" });
  expect(changed?.scheduled_at, "the time stays").toBe(call.scheduled_at);
});

test("rescheduled, it waits for another day", async ({ page, server, visit }) => {
  const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
  const later = noonIn(30);
  await visit(listOf(call.customer_name));
  const row = rowOf(page, call.customer_name);
  await openMenu(row);
  await row.getByRole("link", { name: "Reschedule" }).click();
  await expect(page.getByLabel("Day and time")).toHaveValue(wallTime(noonIn(2)));
  await expect(page.getByLabel("Day and time")).toBeInViewport();
  await fillIn(page, { at: wallTime(later), zone: "UTC" });
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText(`Waits for ${utcWords(later)}`)).toBeVisible();
  await expect(page.getByText("Changed the time")).toBeVisible();
});

test.describe("too late", () => {
  // The browser prints a line of its own for an answer of 409, as this one is meant to be.
  test.use({ expectedErrors: /status of 409/ });

  test("a form for a call that has gone out meanwhile says so", async ({ page, server, visit }) => {
    const call = await makeCall(server, { delay_secs: 1 });
    await visit(`/calls/${call.id}`);
    await expect(page.getByText("It was answered and came to its end.", { exact: true })).toBeVisible();
    await page.goto(`/calls/${call.id}/edit`);
    await expect(page.getByText("The call does not wait any more, so it can't be changed.")).toBeVisible();
    await expect(rows(page)).toHaveCount(0);
  });
});

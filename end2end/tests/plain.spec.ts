// Everything works without JavaScript: links, forms and buttons are real ones.

import { expect, startServer, test } from "../helpers.ts";
import {
  answered,
  busy,
  callsOf,
  doForCertain,
  endOf,
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
} from "../pages.ts";

test.use({ javaScriptEnabled: false });

test("the first page of all offers a sample call, one press away", async ({ page }) => {
  // Other tests have made calls on the worker's server already.
  const fresh = await startServer();
  try {
    await page.goto(fresh.url);
    await expect(page.getByRole("heading", { name: "No calls yet" })).toBeVisible();
    await page.getByRole("button", { name: "Place a sample call" }).click();
    await expect(rowOf(page, "Ada Lovelace")).toBeVisible();
  } finally {
    await fresh.stop();
  }
});

test("a call is created, and the list shows it", async ({ page, server, visit }) => {
  const name = someone();
  await visit("/");
  await page.getByRole("link", { name: "New call" }).first().click();
  await expect(page).toHaveURL(`${server.url}/calls/new`);
  await fillIn(page, { name, number: "+1 415 555 0101", workflow: "Support" });
  await page.getByRole("button", { name: "Create call" }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(rowOf(page, name)).toBeVisible();
  expect(await callsOf(server, name)).toHaveLength(1);
});

test("a sample number is a link that fills in the form", async ({ page, visit }) => {
  await visit("/calls/new");
  await page.getByRole("link", { name: busy }).click();
  await expect(page.getByLabel("Phone number")).toHaveValue(inGroups(busy));
});

test("a call's page is whole: facts, attempts, timeline, note", async ({ page, server, visit }) => {
  const call = await makeCall(server);
  await endOf(server, call.id);
  await visit(`/calls/${call.id}`);
  await expect(page.getByRole("heading", { level: 1, name: call.customer_name })).toBeVisible();
  await expect(page.getByText("It was answered and came to its end.", { exact: true })).toBeVisible();
  await expect(page.getByRole("heading", { name: /^Attempt 1/ })).toBeVisible();
  await expect(page.getByText("Reports ringing")).toBeVisible();
  await page.getByLabel("Note").fill("Written without a script.");
  await page.getByRole("button", { name: "Add note" }).click();
  await expect(page.getByText("Written without a script.", { exact: true })).toBeVisible();
  await expect(page.getByLabel("Note")).toHaveValue("");
});

test("an empty note is refused, beside the field", async ({ page, server, visit }) => {
  const call = await makeCall(server);
  await visit(`/calls/${call.id}`);
  await page.getByRole("button", { name: "Add note" }).click();
  await expect(page.getByLabel("Note")).toHaveAccessibleDescription(/Write something down first/);
});

test("the buttons of a row do what they say", async ({ page, server, visit }) => {
  const scheduled_at = noonIn(2).toISOString();
  const [now, canceled, failed, deleted] = [
    await makeCall(server, { scheduled_at }),
    await makeCall(server, { scheduled_at }),
    await makeCall(server, { scheduled_at }),
    await makeCall(server, { scheduled_at }),
  ];
  await visit(listOf(now.customer_name));
  await rowOf(page, now.customer_name).getByRole("button", { name: "Call now" }).click();
  await expect(page, "a button leads back to the same list").toHaveURL(server.url + listOf(now.customer_name));
  expect(await endOf(server, now.id)).toBe("completed");

  await visit(listOf(canceled.customer_name));
  await openMenu(rowOf(page, canceled.customer_name));
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(rowOf(page, canceled.customer_name).getByText("Canceled", { exact: true })).toBeVisible();

  await visit(listOf(failed.customer_name));
  await doForCertain(rowOf(page, failed.customer_name), "Mark as failed");
  await expect(rowOf(page, failed.customer_name).getByText("Failed", { exact: true })).toBeVisible();

  await openMenu(rowOf(page, failed.customer_name));
  await page.getByRole("button", { name: "Retry" }).click();
  expect(await endOf(server, failed.id)).toBe("completed");

  await visit(listOf(deleted.customer_name));
  await doForCertain(rowOf(page, deleted.customer_name), "Delete");
  await expect(rowOf(page, deleted.customer_name)).toHaveCount(0);
});

test("a button that comes too late says why nothing was done", async ({ page, server, visit }) => {
  const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
  await visit(listOf(call.customer_name));
  await fetch(`${server.url}/api/calls/${call.id}/cancel`, { method: "POST" });
  await page.getByRole("button", { name: "Call now" }).click();
  await expect(page.getByRole("alert")).toContainText("This was not done");
  await expect(rowOf(page, call.customer_name).getByText("Canceled", { exact: true })).toBeVisible();
});

test("deleted on its own page, a call leads to the list", async ({ page, server, visit }) => {
  const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
  await visit(`/calls/${call.id}`);
  await doForCertain(page, "Delete");
  await expect(page.getByRole("heading", { level: 1, name: "Calls" })).toBeVisible();
  expect(await callsOf(server, call.customer_name)).toEqual([]);
});

test("a waiting call is edited", async ({ page, server, visit }) => {
  const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
  const name = someone("Grace");
  await visit(`/calls/${call.id}/edit`);
  await fillIn(page, { name });
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
});

test("search, workflow and tab narrow the list together", async ({ page, server, visit }) => {
  const family = someone("Plain");
  const scheduled_at = noonIn(2).toISOString();
  await makeCall(server, { customer_name: `${family} one`, workflow: "sales", scheduled_at });
  await makeCall(server, { customer_name: `${family} two`, workflow: "support", scheduled_at });
  const done = await makeCall(server, { customer_name: `${family} three`, workflow: "sales", phone_number: answered });
  await endOf(server, done.id);
  await visit("/");
  await page.getByRole("searchbox").fill(family);
  await page.getByRole("button", { name: "Search" }).click();
  await expect(rows(page)).toHaveCount(3);
  await tab(page, "Pending").click();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("combobox", { name: "Workflow" }).selectOption("Sales");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(rowOf(page, `${family} one`)).toBeVisible();
  await expect(page.getByRole("searchbox")).toHaveValue(family);
});

test("older and newer lead through the pages", async ({ page, server, visit }) => {
  const family = someone("Many");
  const scheduled_at = noonIn(2).toISOString();
  for (let number = 0; number < 55; number += 1) {
    await makeCall(server, { customer_name: `${family} ${number}`, scheduled_at });
  }
  await visit(listOf(family));
  await expect(rows(page)).toHaveCount(50);
  await page.getByRole("link", { name: "Older" }).click();
  await expect(rows(page)).toHaveCount(5);
  await page.getByRole("link", { name: "Newer" }).click();
  await expect(rows(page)).toHaveCount(50);
});

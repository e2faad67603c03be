// What can be done with a call by one button, in its row and on its own page.

import { expect, test } from "../helpers.ts";
import {
  busy,
  callsOf,
  doForCertain,
  endOf,
  inGroups,
  listOf,
  makeCall,
  noonIn,
  openMenu,
  ringsLong,
  rowOf,
  someone,
} from "../pages.ts";

// A call that rings for a minute rings for fifteen seconds here: long enough to press a button.
test.use({ settings: { SIMULATOR_SPEED: "4" } });

test("a waiting call is canceled", async ({ page, server, visit }) => {
  const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
  await visit(listOf(call.customer_name));
  const row = rowOf(page, call.customer_name);
  await openMenu(row);
  await row.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(row.getByText("Canceled", { exact: true })).toBeVisible();
  await row.getByRole("link", { name: call.customer_name }).click();
  await expect(page.getByText("Canceled before it went out.", { exact: true })).toBeVisible();
});

test("a call under way is hung up", async ({ page, server, visit }) => {
  const call = await makeCall(server, { phone_number: ringsLong });
  await visit(listOf(call.customer_name));
  const row = rowOf(page, call.customer_name);
  await expect(row.getByText("Ringing", { exact: true })).toBeVisible();
  await row.getByRole("button", { name: "Hang up" }).click();
  await expect(row.getByText("Canceled", { exact: true })).toBeVisible();
  await expect(row.getByText("hung up on request")).toBeVisible();
});

test("a call is marked as failed", async ({ page, server, visit }) => {
  const call = await makeCall(server, { phone_number: ringsLong });
  await visit(listOf(call.customer_name));
  const row = rowOf(page, call.customer_name);
  await expect(row.getByText("Ringing", { exact: true })).toBeVisible();
  await doForCertain(row, "Mark as failed");
  await expect(row.getByText("Failed", { exact: true })).toBeVisible();
  await expect(row.getByText("ended by hand")).toBeVisible();
});

test("a busy call is tried once more", async ({ page, server, visit }) => {
  const call = await makeCall(server, { phone_number: busy });
  await visit(listOf(call.customer_name));
  const row = rowOf(page, call.customer_name);
  await expect(row.getByText("Busy", { exact: true })).toBeVisible();
  await expect(row.getByRole("cell", { name: "1/1" })).toBeVisible();
  await openMenu(row);
  await row.getByRole("button", { name: "Retry" }).click();
  await expect(row.getByRole("cell", { name: "2/2" })).toBeVisible();
  await expect(row.getByText("Busy", { exact: true })).toBeVisible();
  await row.getByRole("link", { name: call.customer_name }).click();
  await expect(page.getByRole("heading", { name: /^Attempt 2/ })).toBeVisible();
});

test("a call that never went out is deleted from its row", async ({ page, server, visit }) => {
  const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
  await visit(listOf(call.customer_name));
  await doForCertain(rowOf(page, call.customer_name), "Delete");
  await expect(rowOf(page, call.customer_name)).toHaveCount(0);
  await expect(page.getByRole("heading", { name: /No call's name or number starts with/ })).toBeVisible();
  expect(await callsOf(server, call.customer_name)).toEqual([]);
});

test("deleted on its own page, it leads back to the list", async ({ page, server, visit }) => {
  const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
  await visit(`/calls/${call.id}`);
  await doForCertain(page, "Delete");
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(page.getByRole("heading", { level: 1, name: "Calls" })).toBeVisible();
  expect(await callsOf(server, call.customer_name)).toEqual([]);
});

test("calling again begins with a form that is filled in", async ({ page, server, visit }) => {
  const call = await makeCall(server, { phone_number: busy, workflow: "sales" });
  await endOf(server, call.id);
  await visit(listOf(call.customer_name));
  await rowOf(page, call.customer_name).getByRole("link", { name: "Call again" }).click();
  await expect(page.getByLabel("Customer name")).toHaveValue(call.customer_name);
  await expect(page.getByLabel("Phone number")).toHaveValue(inGroups(busy));
  await expect(page.getByRole("combobox", { name: "Workflow" })).toHaveValue("sales");
  await page.getByRole("button", { name: "Create call" }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  await expect.poll(async () => (await callsOf(server, call.customer_name)).length).toBe(2);
});

test("a note joins the timeline, and the field is empty again", async ({ page, server, visit }) => {
  const call = await makeCall(server);
  await visit(`/calls/${call.id}`);
  const text = someone("She asks to be called after four. No.");
  await page.getByLabel("Note").fill(text);
  await page.getByRole("button", { name: "Add note" }).click();
  await expect(page.getByRole("region", { name: "Timeline" }).getByText(text, { exact: true })).toBeVisible();
  await expect(page.getByLabel("Note")).toHaveValue("");
});

test.describe("where something else has happened meanwhile", () => {
  // The browser itself prints a line for each answer that is an error, as these are meant to be.
  test.use({ expectedErrors: /status of (409|422)|ERR_FAILED/ });

  test("a button that comes too late says why nothing was done", async ({ page, server, visit }) => {
    // The page would learn of it at once.
    await page.route("**/api/events?*", (route) => route.abort());
    const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
    await visit(listOf(call.customer_name));
    const row = rowOf(page, call.customer_name);
    await expect(row.getByRole("button", { name: "Call now" })).toBeVisible();
    const canceled = await fetch(`${server.url}/api/calls/${call.id}/cancel`, { method: "POST" });
    expect(canceled.status).toBe(200);
    await row.getByRole("button", { name: "Call now" }).click();
    await expect(page.getByRole("alert")).toContainText("This was not done");
    await expect(row.getByText("Canceled", { exact: true }), "and the row is right again").toBeVisible();
  });

  test("an empty note is refused, beside the field", async ({ page, server, visit }) => {
    const call = await makeCall(server);
    await visit(`/calls/${call.id}`);
    await page.getByRole("button", { name: "Add note" }).click();
    await expect(page.getByLabel("Note")).toHaveAccessibleDescription(/Write something down first/);
  });
});

// A call's page: everything that is known of it, at hand and on paper.

import { expect, expectAccessible, test } from "../helpers.ts";
import { answered, callsOf, endOf, listOf, makeCall, noonIn, openMenu, rows } from "../pages.ts";

test.use({ settings: { NODE_NAME: "call-page" } });

test("ids and details are copied, and it is said so", async ({ page, context, server, visit }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const call = await makeCall(server, { metadata: { order: 7 } });
  await endOf(server, call.id);
  await visit(`/calls/${call.id}`);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const button = page.getByRole("button", { name: "Copy the call's id" });
  await button.click();
  await expect(page.getByRole("status").filter({ hasText: "the call's id: copied" })).toHaveCount(1);
  expect(await clipboard()).toBe(call.id);
  await page.getByRole("button", { name: "Copy the provider's id" }).click();
  await expect.poll(clipboard).not.toBe(call.id);
  await page.getByText("Details", { exact: true }).last().click();
  await page.getByRole("button", { name: "Copy the details" }).last().click();
  await expect.poll(clipboard).toContain("{");
  await expectAccessible(page);
});

test("the timeline shows verdicts, and only the provider's reports if that is wanted", async ({ page, server, visit }) => {
  const call = await makeCall(server);
  await endOf(server, call.id);
  await visit(`/calls/${call.id}`);
  const entries = page.locator(".timeline-entry");
  await expect(entries.filter({ hasText: "Asked for the call" })).toBeVisible();
  await expect(entries.filter({ hasText: "Reports ringing" })).toContainText("applied");
  await page.getByLabel("Only what the provider reports").check();
  await expect(entries.filter({ hasText: "Asked for the call" })).toBeHidden();
  await expect(entries.filter({ hasText: "Reports ringing" })).toBeVisible();
  await expectAccessible(page);
});

test("the trace of a program's request is told", async ({ page, server, visit }) => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const made = await fetch(`${server.url}/api/calls`, {
    method: "POST",
    headers: { "content-type": "application/json", traceparent: `00-${trace}-00f067aa0ba902b7-01` },
    body: JSON.stringify({ customer_name: "Ada Traced", phone_number: answered, workflow: "support" }),
  });
  const { id } = (await made.json()) as { id: string };
  await visit(`/calls/${id}`);
  await expect(page.getByText(trace)).toBeVisible();
});

test("other calls to the number are one press away", async ({ page, server, visit }) => {
  const number = "+14155557051";
  const scheduled_at = noonIn(2).toISOString();
  const call = await makeCall(server, { phone_number: number, scheduled_at });
  await makeCall(server, { phone_number: number, scheduled_at });
  await makeCall(server, { phone_number: "+14155557052", scheduled_at });
  await visit(`/calls/${call.id}`);
  await page.getByRole("link", { name: "All calls to this number" }).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByRole("searchbox")).toHaveValue(number);
});

test("keys lead to the form and back to the list", async ({ page, server, visit }) => {
  const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
  await visit(`/calls/${call.id}`);
  await page.getByLabel("Note").fill("u and e are letters here");
  await expect(page.getByLabel("Note"), "whoever types, types").toHaveValue("u and e are letters here");
  await page.getByRole("heading", { level: 1 }).click();
  await openMenu(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("link", { name: "Reschedule" }), "Escape closes the menu first").toBeHidden();
  await expect(page).toHaveURL(new RegExp(`/calls/${call.id}$`));
  await page.keyboard.press("e");
  await expect(page).toHaveURL(new RegExp(`/calls/${call.id}/edit$`));
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: call.customer_name }).waitFor();
  await page.keyboard.press("u");
  await expect(page.getByRole("heading", { level: 1, name: "Calls" })).toBeVisible();
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: call.customer_name }).waitFor();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("heading", { level: 1, name: "Calls" })).toBeVisible();
});

test("back in the list, its filters are as they were", async ({ page, server, visit }) => {
  const call = await makeCall(server, { scheduled_at: noonIn(2).toISOString() });
  await visit(`${listOf(call.customer_name)}&phase=pending`);
  await page.getByRole("link", { name: call.customer_name }).click();
  await expect(page.getByRole("heading", { level: 1, name: call.customer_name })).toBeVisible();
  await page.keyboard.press("u");
  await expect(page).toHaveURL(/phase=pending/);
  await expect(rows(page)).toHaveCount(1);
});

test("a call that has ended can't be edited, by no key either", async ({ page, server, visit }) => {
  const call = await makeCall(server);
  await endOf(server, call.id);
  await visit(`/calls/${call.id}`);
  await page.keyboard.press("e");
  await page.getByRole("link", { name: "Call again" }).waitFor();
  await expect(page).toHaveURL(new RegExp(`/calls/${call.id}$`));
});

test("on paper there is nothing to press, and nothing is folded", async ({ page, server, visit }) => {
  const call = await makeCall(server, { metadata: { order: "A-1842" } });
  await endOf(server, call.id);
  await visit(`/calls/${call.id}`);
  await expect(page.getByRole("button", { name: "Copy the call's id" })).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("button")).toHaveCount(0);
  await expect(page.getByRole("banner")).toBeHidden();
  await expect(page.getByText("A-1842")).toBeVisible();
  await expect(page.locator(".payload pre").last()).toBeVisible();
  await expect(page.getByText("Reports ringing")).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the page is whole, without buttons that would do nothing", async ({ page, server, visit }) => {
    const call = await makeCall(server);
    await endOf(server, call.id);
    await visit(`/calls/${call.id}`);
    await expect(page.getByRole("button", { name: /^Copy/ })).toHaveCount(0);
    await expect(page.getByText(call.id)).toBeVisible();
    await page.getByLabel("Only what the provider reports").check();
    await expect(page.getByText("Asked for the call")).toBeHidden();
    await page.getByRole("link", { name: "All calls to this number" }).click();
    expect((await callsOf(server, call.customer_name)).length).toBe(1);
    await expect(rows(page).first()).toBeVisible();
  });
});

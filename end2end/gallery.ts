// Every page in every state that people see: looked at by axe, measured for width, compared before and after
// hydration, and photographed by `npm run screenshots`.

import type { Page } from "@playwright/test";
import type { Server } from "./helpers.ts";
import { busy, callsOf, endOf, fillIn, makeCall, noonIn, openMenu, ringsLong, rowOf, wallTime } from "./pages.ts";

/** One page in one state. */
export interface Scene {
  /** A name that can be a file's. */
  name: string;
  path: string;
  /** Brings the page into the state, where its address alone does not. */
  arrange?: (page: Page) => Promise<void>;
  /** Makes the next scene possible again. */
  clearAway?: (page: Page) => Promise<void>;
}

/** How long a gallery's server should let a call ring: long enough to be looked at, short enough to end. */
export const gallerySettings = { SIMULATOR_SPEED: "2", WEBHOOK_ALLOW_PRIVATE: "true" };

/** The list as a new installation shows it; only before anything is made. */
export const emptyList: Scene = { name: "list-empty", path: "/" };

/** The pages of an installation where nothing happens any more: each state is an address. */
export async function everyPage(server: Server): Promise<Scene[]> {
  const pending = await makeCall(server, {
    customer_name: "Grace Hopper",
    phone_number: "+442079460104",
    workflow: "reminder",
    scheduled_at: noonIn(1).toISOString(),
  });
  await makeCall(server, { customer_name: "Mary Jackson", workflow: "sales", scheduled_at: noonIn(1).toISOString() });
  await makeCall(server, {
    // A long name must wrap or be cut, and never push the page wide.
    customer_name: "Señora María del Carmen Fernández-Villaverde y Rodríguez de la Torre-Llewellyn",
    workflow: "reminder",
    scheduled_at: noonIn(9).toISOString(),
  });
  const canceled = await makeCall(server, { customer_name: "Alan Turing", scheduled_at: noonIn(3).toISOString() });
  await fetch(`${server.url}/api/calls/${canceled.id}/cancel`, { method: "POST" });
  const completed = await makeCall(server, {
    customer_name: "Ada Lovelace",
    metadata: { order: "A-1842", language: "en", tags: ["engine", "notes"] },
  });
  const retried = await makeCall(server, { customer_name: "Radia Perlman", phone_number: busy, workflow: "sales" });
  const ended = [
    completed,
    retried,
    await makeCall(server, { customer_name: "Katherine Johnson", phone_number: "+14155550103", workflow: "support" }),
    await makeCall(server, { customer_name: "Edsger Dijkstra", phone_number: "+14155550104", workflow: "sales" }),
    await makeCall(server, { customer_name: "Barbara Liskov", phone_number: "+14155550109", workflow: "reminder" }),
  ];
  const refused = await makeCall(server, { customer_name: "Donald Knuth", phone_number: "+14155550106" });
  const odd = await makeCall(server, { customer_name: "李小龙", phone_number: "+1234567890", workflow: "sales" });
  for (const call of [...ended, refused, odd]) await endOf(server, call.id);
  await post(server, `/api/calls/${retried.id}/retry`);
  await post(server, `/api/calls/${completed.id}/notes`, {
    note: "She has received the parcel and is content.\nNo need to call again before spring.",
  });
  await endOf(server, retried.id);
  const failing = await endpointWithTest(server, "Billing");
  const disabled = await endpointWithTest(server, "Warehouse");
  await request(server, "PATCH", `/api/webhook-endpoints/${disabled}`, { enabled: false });
  await counted(server);
  return [
    { name: "list", path: "/" },
    { name: "list-pending", path: "/?phase=pending" },
    { name: "list-failed", path: "/?phase=failed" },
    { name: "list-attention", path: "/?needs_attention=true" },
    { name: "list-filtered", path: "/?phase=completed&q=ada&workflow=support" },
    { name: "list-no-match", path: "/?q=nobody" },
    { name: "list-bad-query", path: "/?phase=nonsense" },
    { name: "call-pending", path: `/calls/${pending.id}` },
    { name: "call-completed", path: `/calls/${completed.id}` },
    { name: "call-retried", path: `/calls/${retried.id}` },
    { name: "call-refused", path: `/calls/${refused.id}` },
    { name: "call-odd-number", path: `/calls/${odd.id}` },
    { name: "call-canceled", path: `/calls/${canceled.id}` },
    { name: "call-unknown", path: "/calls/00000000-0000-7000-8000-000000000000" },
    { name: "edit", path: `/calls/${pending.id}/edit` },
    { name: "edit-too-late", path: `/calls/${completed.id}/edit` },
    { name: "new", path: "/calls/new" },
    { name: "new-again", path: `/calls/new?from=${completed.id}` },
    { name: "settings", path: "/settings" },
    { name: "webhooks", path: "/settings/webhooks" },
    { name: "webhook-failing", path: `/settings/webhooks/${failing}` },
    { name: "webhook-disabled", path: `/settings/webhooks/${disabled}` },
    { name: "webhook-unknown", path: "/settings/webhooks/00000000-0000-7000-8000-000000000000" },
    { name: "insights", path: "/insights" },
    { name: "insights-today", path: "/insights?range=today&workflow=sales" },
    { name: "insights-quarter", path: "/insights?range=90d&time_zone=Asia%2FKathmandu" },
    { name: "insights-empty", path: "/insights?from=2020-03-01&to=2020-03-31" },
    { name: "insights-refused", path: "/insights?from=2026-11-02&to=2026-11-01&time_zone=Mars" },
    { name: "lab", path: "/lab" },
    { name: "login", path: "/login" },
    { name: "not-found", path: "/nowhere" },
  ];
}

/** What only shows while a call is under way, or after somebody has pressed something. Wants everyPage first. */
export async function everyState(server: Server): Promise<Scene[]> {
  const [pending] = await callsOf(server, "Grace Hopper");
  const [completed] = await callsOf(server, "Ada Lovelace");
  return [
    {
      name: "list-live",
      path: "/",
      arrange: async (page) => {
        await makeCall(server, { customer_name: "Dorothy Vaughan", phone_number: ringsLong });
        await page.reload();
        await rowOf(page, "Dorothy Vaughan").getByText("Ringing", { exact: true }).first().waitFor();
      },
    },
    {
      name: "call-live",
      path: "/",
      arrange: async (page) => {
        const call = await makeCall(server, { customer_name: "Annie Easley", phone_number: ringsLong });
        await page.goto(`/calls/${call.id}`);
        await page.getByText("The telephone rings.").waitFor();
      },
    },
    { name: "list-menu", path: "/?phase=pending", arrange: (page) => openMenu(rowOf(page, "Grace Hopper")) },
    {
      name: "list-menu-confirm",
      path: "/?phase=pending",
      arrange: async (page) => {
        await openMenu(rowOf(page, "Grace Hopper"));
        await rowOf(page, "Grace Hopper").getByText("Delete…").click();
      },
    },
    {
      name: "list-selected",
      path: "/?phase=pending",
      arrange: (page) => page.getByRole("checkbox", { name: "Select all calls on this page" }).check(),
    },
    { name: "list-views", path: "/?phase=pending", arrange: (page) => page.getByText("Views", { exact: true }).click() },
    {
      name: "keys",
      path: "/",
      arrange: async (page) => {
        await page.keyboard.press("?");
        await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
      },
    },
    { name: "call-menu", path: `/calls/${pending?.id}`, arrange: (page) => openMenu(page) },
    {
      name: "call-payload",
      path: `/calls/${completed?.id}`,
      arrange: async (page) => {
        await page.getByText("Metadata").click();
        await page.getByText("Details").nth(2).click();
      },
    },
    {
      name: "panel",
      path: "/",
      arrange: async (page) => {
        await page.getByRole("link", { name: "New call" }).first().click();
        await page.getByRole("dialog").getByLabel("Customer name").waitFor();
      },
    },
    { name: "new-later", path: "/calls/new", arrange: (page) => page.getByLabel("At a time").check() },
    { name: "new-samples-folded", path: "/calls/new", arrange: (page) => page.getByText("Numbers to try").click() },
    {
      name: "new-told",
      path: "/calls/new",
      arrange: async (page) => {
        await fillIn(page, { name: "Grace", number: "+442079460104", at: wallTime(noonIn(3)) });
        await page.getByText("A call to this number already waits").waitFor();
        await page.getByText(/^It goes out on/).waitFor();
      },
      clearAway: forgetDraft,
    },
    {
      name: "new-resumed",
      path: "/calls/new",
      arrange: async (page) => {
        await fillIn(page, { name: "Ada", number: "+14155550101" });
        await page.reload();
        await page.getByText("what you typed before and did not send").waitFor();
      },
      clearAway: forgetDraft,
    },
    {
      name: "settings-paused",
      path: "/settings",
      arrange: async (page) => {
        await page.getByRole("button", { name: "Pause", exact: true }).click();
        await page.getByText(/^Paused by Somebody since/).first().waitFor();
      },
      clearAway: async (page) => {
        await page.getByRole("button", { name: "Resume", exact: true }).click();
        await page.getByText("No pause is set").waitFor();
      },
    },
    {
      name: "settings-dark",
      path: "/settings",
      arrange: async (page) => {
        await page.getByRole("button", { name: "Dark" }).click();
        await page.locator("html[data-theme=dark]").waitFor();
      },
      clearAway: async (page) => {
        await page.getByRole("button", { name: "As the system" }).click();
        await page.locator("html:not([data-theme])").waitFor();
      },
    },
    {
      name: "new-errors",
      path: "/calls/new",
      arrange: async (page) => {
        await fillIn(page, { name: "Ada", number: "call me", at: wallTime(noonIn(-3)) });
        await page.getByRole("button", { name: "Create call" }).click();
        await page.getByRole("alert").waitFor();
      },
      clearAway: forgetDraft,
    },
    {
      name: "webhooks-errors",
      path: "/settings/webhooks",
      arrange: async (page) => {
        await page.getByLabel("Address").fill("example.org/hooks");
        await page.getByRole("button", { name: "Add endpoint" }).click();
        await page.getByRole("alert").waitFor();
      },
    },
    {
      name: "webhook-secret",
      path: "/settings/webhooks",
      arrange: async (page) => {
        await page.getByRole("link", { name: "/nowhere" }).first().click();
        await page.getByText("New secret…").click();
        await page.getByRole("button", { name: "Yes, make a new secret" }).click();
        await page.getByText(/^whsec_/).waitFor();
        await page.getByText("Details", { exact: true }).first().click();
      },
    },
    {
      name: "lab-faults",
      path: "/lab",
      arrange: async (page) => {
        const faults = page.getByRole("region", { name: "Faults" });
        for (const fault of ["Callbacks come 30 seconds late", "Each callback comes twice"]) {
          await faults.getByLabel("What goes wrong").selectOption(fault);
          await faults.getByRole("button", { name: "Switch on" }).click();
          await faults.getByText(fault.includes("twice") ? "is sent twice" : "by 30 s").waitFor();
        }
        await page.getByText("Payload").first().click();
      },
      clearAway: async (page) => {
        await page.getByRole("button", { name: "Switch all off" }).click();
        await page.getByText("Nothing goes wrong by order.").waitFor();
      },
    },
    {
      name: "lab-refused",
      path: "/lab",
      arrange: async (page) => {
        await page.getByRole("region", { name: "Outcomes" }).getByLabel("Number").fill("12");
        await page.getByRole("button", { name: "Set outcome" }).click();
        await page.getByRole("alert").waitFor();
      },
    },
    {
      name: "login-wrong",
      path: "/login",
      arrange: async (page) => {
        await page.getByLabel("Token").fill("not the token");
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("alert").waitFor();
      },
    },
    {
      name: "list-paused",
      path: "/",
      arrange: async (page) => {
        await page.getByRole("button", { name: "Pause", exact: true }).click();
        await page.getByText("No call goes out now").waitFor();
      },
      clearAway: async (page) => {
        await page.getByRole("button", { name: "Resume", exact: true }).click();
        await page.getByText("No call goes out now").waitFor({ state: "hidden" });
      },
    },
    {
      name: "list-offline",
      path: "/",
      arrange: async (page) => {
        await page.context().setOffline(true);
        await page.getByText(/^Offline since/).waitFor();
      },
      clearAway: (page) => page.context().setOffline(false),
    },
  ];
}

/** Forgets what was typed into the form, which the next one would begin with. */
async function forgetDraft(page: Page): Promise<void> {
  await page.evaluate(() => sessionStorage.clear());
}

/** Waits until the insights hold what has happened: the loop counts every two seconds. */
async function counted(server: Server): Promise<void> {
  for (let patience = 0; patience < 100; patience += 1) {
    const answer = await fetch(`${server.url}/api/insights`);
    const { totals } = (await answer.json()) as { totals: { total: number } };
    if (totals.total >= 7) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the insights were not counted within ten seconds");
}

/** Makes an endpoint where nobody takes anything, sends it a test, and answers its id. */
async function endpointWithTest(server: Server, description: string): Promise<string> {
  const made = await request(server, "POST", "/api/webhook-endpoints", { url: `${server.url}/nowhere`, description });
  const { id } = (await made.json()) as { id: string };
  await post(server, `/api/webhook-endpoints/${id}/test`);
  return id;
}

async function post(server: Server, path: string, body: unknown = {}): Promise<void> {
  await request(server, "POST", path, body);
}

async function request(server: Server, method: string, path: string, body: unknown): Promise<Response> {
  const response = await fetch(server.url + path, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}

// What several journeys do: ask the API for calls, fill in the form, find a call's row and its menu.

import { randomUUID } from "node:crypto";
import { expect, type Locator, type Page } from "@playwright/test";
import type { Server } from "./helpers.ts";

/** A call as the API takes it. */
export interface Wish {
  customer_name: string;
  phone_number: string;
  workflow: "support" | "sales" | "reminder";
  scheduled_at?: string;
  delay_secs?: number;
  metadata?: Record<string, unknown>;
}

/** What the tests read of a call as the API shows it. */
export interface Call {
  id: string;
  customer_name: string;
  phone_number: string;
  workflow: string;
  status: string;
  scheduled_at: string | null;
}

/** What is typed into the form; what is left out stays as the form has it. */
export interface Typed {
  name?: string;
  number?: string;
  country?: string;
  workflow?: string;
  /** Wall time, `2026-11-21T09:00`. */
  at?: string;
  zone?: string;
}

export const answered = "+14155550101";
export const busy = "+14155550102";
export const ringsLong = "+14155550105";

/** A customer whom no other test knows: tests of one worker share a server. */
export function someone(first = "Ada"): string {
  return `${first} ${randomUUID().slice(0, 8)}`;
}

/** Makes a call by the API: answered, for support and at once unless `wish` says otherwise. */
export async function makeCall(server: Server, wish: Partial<Wish> = {}): Promise<Call> {
  const body: Wish = { customer_name: someone(), phone_number: answered, workflow: "support", ...wish };
  const response = await fetch(`${server.url}/api/calls`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  expect(response.status, text).toBe(201);
  return JSON.parse(text) as Call;
}

/** The calls whose name or number starts with `start`, newest first. */
export async function callsOf(server: Server, start: string): Promise<Call[]> {
  const response = await fetch(`${server.url}/api/calls?q=${encodeURIComponent(start)}`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { calls: Call[] }).calls;
}

/** Waits, without a page, until a call has ended, and answers how. */
export async function endOf(server: Server, id: string): Promise<string> {
  let status = "";
  const look = async () => {
    const response = await fetch(`${server.url}/api/calls/${id}`);
    const call = (await response.json()) as Call & { ended_at: string | null };
    status = call.status;
    return call.ended_at;
  };
  await expect.poll(look, { message: `call ${id} ends`, timeout: 20_000 }).not.toBeNull();
  return status;
}

/** Noon UTC, some days from now: far from midnight, so that it is the same day in the browser's zone. */
export function noonIn(days: number): Date {
  const at = new Date(Date.now() + days * 86_400_000);
  at.setUTCHours(12, 0, 0, 0);
  return at;
}

/** An instant as the server writes it for people: `21 Nov 2026, 09:00 UTC`. */
export function utcWords(at: Date): string {
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const clock = at.toISOString().slice(11, 16);
  return `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${clock} UTC`;
}

/** An instant as a field for wall times takes it, read in UTC. */
export function wallTime(at: Date): string {
  return at.toISOString().slice(0, 16);
}

/** Types into the form of a call, on a page of its own or in the panel. */
export async function fillIn(form: Page | Locator, typed: Typed): Promise<void> {
  if (typed.name !== undefined) await form.getByLabel("Customer name").fill(typed.name);
  if (typed.number !== undefined) await form.getByLabel("Phone number").fill(typed.number);
  if (typed.country !== undefined) await form.getByLabel("Country").selectOption(typed.country);
  if (typed.workflow !== undefined) {
    await form.getByRole("combobox", { name: "Workflow" }).selectOption(typed.workflow);
  }
  if (typed.at !== undefined) {
    await form.getByLabel("At a time").check();
    await form.getByLabel("Day and time").fill(typed.at);
  }
  if (typed.zone !== undefined) await form.getByLabel("Time zone").selectOption(typed.zone);
}

/** A number in a field, whether a script has grouped its digits or not. */
export function inGroups(number: string): RegExp {
  const signs = [...number.replaceAll(" ", "")].map((sign) => sign.replace(/[^\w]/, "\\$&"));
  return new RegExp(`^${signs.join(" ?")}$`);
}

/** The rows of the list that show a call, not its headings. */
export function rows(page: Page): Locator {
  return page.getByRole("row").filter({ has: page.getByRole("link") });
}

/** The one row that shows a customer's call. */
export function rowOf(page: Page, name: string): Locator {
  return rows(page).filter({ hasText: name });
}

/** The list with nobody but this customer in it. */
export function listOf(name: string): string {
  return `/?${new URLSearchParams({ q: name }).toString()}`;
}

/** One of the tabs above the list: All, a phase, or what needs a look. */
export function tab(page: Page, words: string): Locator {
  return page.getByRole("navigation", { name: "Calls by phase" }).getByRole("link", { name: new RegExp(`^${words} `) });
}

/** What says how fresh the page is. */
export function chip(page: Page): Locator {
  return page.locator(".live-chip");
}

/** Opens the menu of a row, or of a call's own page. */
export async function openMenu(place: Page | Locator): Promise<void> {
  await place.getByLabel("More actions").click();
}

/** Does what is asked for twice, such as Delete. */
export async function doForCertain(place: Page | Locator, command: string): Promise<void> {
  await openMenu(place);
  await place.getByText(`${command}…`).click();
  await place.getByRole("button", { name: `Yes, ${command.toLowerCase()}` }).click();
}

/** Counts the documents that a page loads from now on; hydrated, moving between pages loads none. */
export function countDocuments(page: Page): () => number {
  let documents = 0;
  page.on("request", (request) => {
    if (request.resourceType() === "document") documents += 1;
  });
  return () => documents;
}

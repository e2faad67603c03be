// A draft is for the eyes of whoever typed it.

import { expect, expectHydrated, test } from "../helpers.ts";

const token = "a token for drafts alone";
test.use({ settings: { API_TOKEN: token }, expectedErrors: /status of 401/ });

test("signing out leaves nothing for the next one, in no tab", async ({ page, context, server, visit }) => {
  const signIn = async () => {
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  await visit("/calls/new");
  await signIn();
  await page.getByLabel("Customer name").fill("Ada Lovelace");
  const other = await context.newPage();
  await other.goto(`${server.url}/calls/new`);
  await expectHydrated(other);
  await other.getByLabel("Customer name").fill("Grace Hopper");
  await visit("/");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(`${server.url}/login`);
  await expect(page.locator("html")).toHaveAttribute("data-hydrated", "");
  await signIn();
  // Who leaves before the answer has come is not signed in.
  await expect(page).toHaveURL(`${server.url}/`);
  await visit("/calls/new");
  await expect(page.getByLabel("Customer name")).toHaveValue("");
  await other.reload();
  await expect(other.locator("html")).toHaveAttribute("data-hydrated", "");
  await expect(other.getByLabel("Customer name")).toHaveValue("");
});

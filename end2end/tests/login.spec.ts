// An installation with a token asks for it once, and comes back to the page that was wanted.

import { expect, test } from "../helpers.ts";

const token = "a token for these tests alone";

test.use({
  settings: { API_TOKEN: token },
  // The browser itself prints a line for each answer that is an error, as these are meant to be.
  expectedErrors: /status of 401/,
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("without a session, every page leads to the way in", async ({ page, server, visit }) => {
      for (const path of ["/", "/calls/new", "/calls/00000000-0000-7000-8000-000000000000"]) {
        await visit(path);
        await expect(page).toHaveURL(`${server.url}/login?next=${encodeURIComponent(path)}`);
        await expect(page.getByLabel("Token")).toBeVisible();
      }
    });

    test("a wrong token is refused, the right one leads to the page that was wanted", async ({
      page,
      server,
      visit,
    }) => {
      await visit("/?phase=pending&workflow=sales");
      await page.getByLabel("Token").fill("something else");
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByRole("alert")).toContainText("This is not the token");
      await expect(page.getByLabel("Token")).toHaveAccessibleDescription(/This is not the token/);
      expect(page.url(), "what was typed is nobody's business").not.toContain("something");

      await page.getByLabel("Token").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Calls" })).toBeVisible();
      await expect(page).toHaveURL(`${server.url}/?phase=pending&workflow=sales`);
    });

    test("signing out closes the session", async ({ page, server, visit }) => {
      await visit("/");
      await page.getByLabel("Token").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await expect(page).toHaveURL(`${server.url}/login`);
      await visit("/");
      await expect(page.getByLabel("Token")).toBeVisible();
    });

    test("nobody is sent to another site after signing in", async ({ page, server, visit }) => {
      await visit("/login?next=https://example.com/");
      await page.getByLabel("Token").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page).toHaveURL(`${server.url}/`);
    });
  });
}

test("neither page nor scripts contain the token", async ({ page, visit }) => {
  const bodies: Promise<string>[] = [];
  page.on("response", (response) => {
    const isText = /html|javascript|json/.test(response.headers()["content-type"] ?? "");
    if (isText) bodies.push(response.text().catch(() => ""));
  });
  await visit("/");
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Calls" })).toBeVisible();
  const all = (await Promise.all(bodies)).join("\n");
  expect(all.length).toBeGreaterThan(1_000);
  expect(all).not.toContain(token);
});

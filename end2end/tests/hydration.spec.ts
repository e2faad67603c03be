// The page that the browser's code takes over is the page that the server sent. In a release build a difference
// is silent otherwise: hydration goes on with the wrong nodes.

import { expect, test, expectHydrated, complaintsOf } from "../helpers.ts";
import { everyPage, gallerySettings } from "../gallery.ts";
import { answered, callsOf, fillIn, rowOf, someone } from "../pages.ts";
import type { Page } from "@playwright/test";

// A server of its own: nothing may change between the two looks.
test.use({ settings: { ...gallerySettings, NODE_NAME: "hydration" }, trace: "off" });

test("every page is the same with and without JavaScript, apart from its times", async ({ browser, server }) => {
  test.setTimeout(120_000);
  const pages = await everyPage(server);
  const plainContext = await browser.newContext({ javaScriptEnabled: false, baseURL: server.url });
  const liveContext = await browser.newContext({ baseURL: server.url, locale: "en-GB", timezoneId: "Europe/Berlin" });
  const complaints = complaintsOf(liveContext);
  const [plain, live] = [await plainContext.newPage(), await liveContext.newPage()];
  for (const { name, path } of pages) {
    await plain.goto(path);
    await live.goto(path);
    await expectHydrated(live);
    expect.soft(await anatomy(live), `${name} (${path})`).toEqual(await anatomy(plain));
  }
  expect(complaints.filter((line) => !/status of (400|404|409)/.test(line))).toEqual([]);
  await plainContext.close();
  await liveContext.close();
});

test("while the browser's code is still on its way, links and forms work", async ({ page, server }) => {
  let come = () => {};
  const coming = new Promise<void>((resolve) => {
    come = resolve;
  });
  await page.route("**/*.wasm", async (route) => {
    await coming;
    // The page that asked for it may be gone.
    await route.continue().catch(() => {});
  });
  const name = someone("Early");
  await page.goto("/");
  await page.getByRole("link", { name: "New call" }).first().click();
  await expect(page).toHaveURL(`${server.url}/calls/new`);
  await fillIn(page, { name, number: answered, workflow: "Support" });
  await page.getByRole("button", { name: "Create call" }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(rowOf(page, name)).toBeVisible();
  await expect(page.locator("html")).not.toHaveAttribute("data-hydrated");
  come();
  await expectHydrated(page);
  await expect(rowOf(page, name)).toBeVisible();
  expect(await callsOf(server, name)).toHaveLength(1);
});

/** The body as lines of HTML, without what may differ. */
function anatomy(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const body = document.body.cloneNode(true) as HTMLElement;
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
    const comments: Comment[] = [];
    while (walker.nextNode()) comments.push(walker.currentNode as Comment);
    for (const comment of comments) comment.remove();
    for (const script of body.querySelectorAll("script")) script.remove();
    for (const time of body.querySelectorAll("time")) time.textContent = "";
    // The server reads its clock anew for each of the two answers.
    for (const chip of body.querySelectorAll(".live-chip")) {
      chip.querySelector("time")?.removeAttribute("datetime");
      // How fresh the page is: a page that nothing runs on can only say when it was made.
      chip.removeAttribute("data-live");
    }
    for (const note of body.querySelectorAll(".figures-note")) note.textContent = "";
    // Copying takes a script, and so does asking the server about a form.
    for (const copy of body.querySelectorAll(".copy")) copy.remove();
    for (const told of body.querySelectorAll("#phone_number-hint, .form-remarks, .wait-words, datalist")) {
      told.textContent = "";
    }
    // Each rendering of a form has a key of its own, and the version of the browser's copy is the same.
    for (const key of body.querySelectorAll("input[name$='form_key]']")) key.removeAttribute("value");
    body.normalize();
    return body.outerHTML.replaceAll("><", ">\n<").split("\n");
  });
}

// Lighthouse over the list and a call's page, as a desktop computer sees them: at least 95 in each category.

import { chromium } from "@playwright/test";
import lighthouse, { desktopConfig } from "lighthouse";
import { expect, test } from "../helpers.ts";
import { endOf, makeCall } from "../pages.ts";

// Who is called is nobody's business: search engines are told to keep out.
const skipAudits = ["is-crawlable"];
const categories = ["performance", "accessibility", "best-practices", "seo"];

for (const place of ["the list", "a call's page"]) {
  test(`Lighthouse over ${place}`, async ({ server, launchOptions }) => {
    const call = await makeCall(server);
    await endOf(server, call.id);
    for (let more = 0; more < 49; more += 1) await makeCall(server, { delay_secs: 3600 });
    const port = 9222 + Math.floor(Math.random() * 1000);
    const browser = await chromium.launch({
      ...launchOptions,
      args: [...(launchOptions.args ?? []), `--remote-debugging-port=${port}`],
    });
    const url = place === "the list" ? server.url : `${server.url}/calls/${call.id}`;
    const result = await lighthouse(url, { port, onlyCategories: categories, skipAudits, logLevel: "error" }, desktopConfig);
    await browser.close();
    const report = result?.lhr;
    const scores = categories.map((name) => [name, Math.round((report?.categories[name]?.score ?? 0) * 100)] as const);
    const lost = Object.values(report?.audits ?? {})
      .filter((audit) => audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode !== "informative")
      .map((audit) => `  ${audit.id}: ${audit.displayValue ?? audit.title}`);
    console.log([`\n${place}: ${scores.map((score) => score.join(" ")).join(", ")}`, ...lost].join("\n"));
    for (const [name, score] of scores) expect.soft(score, `${name} of ${place}`).toBeGreaterThanOrEqual(95);
  });
}

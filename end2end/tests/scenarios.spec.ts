// Each of the simulator's numbers comes to the end that it promises, and its page says how.

import { expect, test } from "../helpers.ts";
import { makeCall, someone, type Call } from "../pages.ts";

test.use({
  settings: {
    SIMULATOR_SPEED: "20",
    // The provider is asked early about calls that it does not report, and given up on early.
    REPORT_OVERDUE_SECS: "1",
    PROVIDER_TIMEOUT_SECS: "1",
    LEASE_SECS: "3",
  },
});

const scenarios = [
  { last: "01", does: "is answered", status: "Completed", sentence: "It was answered and came to its end" },
  { last: "02", does: "is busy", status: "Busy", sentence: "The line was busy" },
  { last: "03", does: "is not answered", status: "No answer", sentence: "Nobody answered" },
  { last: "04", does: "fails", status: "Failed", sentence: "The provider failed" },
  { last: "05", does: "rings for long", status: "Completed", sentence: "It was answered and came to its end" },
  { last: "06", does: "is refused", status: "Failed", sentence: "The provider refused it" },
  { last: "07", does: "loses its reports", status: "Completed", sentence: "It was answered and came to its end", line: /^Asked, the provider says/ },
  { last: "08", does: "reports twice", status: "Completed", sentence: "It was answered and came to its end", line: "came twice" },
  { last: "09", does: "reports out of order", status: "Completed", sentence: "It was answered and came to its end", line: /^too late:/ },
  { last: "10", does: "dials, then times out", status: "Completed", sentence: "It was answered and came to its end", line: "Reports completed" },
  { last: "11", does: "dials too late", status: "Completed", sentence: "It was answered and came to its end", line: /leaves open whether/ },
];

const calls = new Map<string, Call>();

// All at once, so that the slow ones run while the first ones are looked at.
test.beforeAll(async ({ server }) => {
  for (const { last } of scenarios) {
    calls.set(last, await makeCall(server, { customer_name: someone(), phone_number: `+141555501${last}` }));
  }
});

for (const { last, does, status, sentence, line } of scenarios) {
  test(`number ${last} ${does}: ${status}`, async ({ page, visit }) => {
    await visit(`/calls/${calls.get(last)?.id}`);
    await expect(page.getByText(`${sentence}.`, { exact: true })).toBeVisible({ timeout: 20_000 });
    await expect(page.getByText(status, { exact: true }).first()).toBeVisible();
    if (line) await expect(page.getByRole("region", { name: "Timeline" }).getByText(line).first()).toBeVisible();
    await expect(page, "its title says it too").toHaveTitle(new RegExp(`: ${status} · Switchboard$`));
  });
}

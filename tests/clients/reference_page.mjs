// Looks at the reference page in a browser: it shows every operation of the contract, loads nothing
// from elsewhere, and neither breaks its policy nor reports an error.
//
//     node reference_page.mjs <url> <path of the browser> <path for a picture of the page>

import { chromium } from "playwright-core";

const [url, executablePath, picture] = process.argv.slice(2);

function check(holds, what) {
  if (!holds) {
    throw new Error(what);
  }
}

/** Returns the id that Redoc gives to the section of each operation. */
async function sections() {
  const contract = await (await fetch(`${url}/openapi.json`)).json();
  const operations = Object.values(contract.paths).flatMap((item) => Object.values(item));
  return operations
    .filter((operation) => operation.operationId)
    .map(({ tags, operationId, summary }) => ({ id: `tag/${tags[0]}/operation/${operationId}`, summary }));
}

/** Opens the page, and returns it with everything that went wrong since. */
async function open(browser, colorScheme) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, colorScheme });
  const page = await context.newPage();
  const wrong = [];
  // The browser reports here what the policy forbids, too.
  page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("request", (request) => request.url().startsWith(`${url}/`) || wrong.push(`asks ${request.url()}`));
  page.on("response", (response) => response.status() === 200 || wrong.push(`${response.status()} ${response.url()}`));
  await page.goto(`${url}/docs`);
  await page.locator("[data-section-id]").first().waitFor();
  return { page, wrong };
}

async function checkSections(page) {
  const expected = await sections();
  check(expected.length > 50, `the contract has ${expected.length} operations`);
  // They are drawn piece by piece.
  const selectors = expected.map(({ id }) => `[data-section-id="${id}"]`);
  await Promise.all(selectors.map((selector) => page.locator(selector).first().waitFor({ state: "attached" })));
  for (const { id, summary } of expected) {
    const text = await page.locator(`[data-section-id="${id}"]`).first().innerText();
    check(text.includes(summary), `${id} does not show ${summary}`);
  }
  return expected.length;
}

/** Follows the menu to an operation, as a reader does. */
async function checkMenu(page) {
  const menu = (id) => page.locator(`[data-item-id="${id}"] > label`);
  await menu("tag/Tickets").click();
  await menu("tag/Tickets/operation/tickets-create").click();
  await page.waitForURL(/#tag\/Tickets\/operation\/tickets-create$/);
  await page.getByRole("heading", { name: "Open a ticket" }).first().waitFor({ state: "visible" });
}

async function checkSandbox(page) {
  const origin = await page.evaluate("window.origin");
  check(origin === "null", `the page has the origin ${origin}`);
  const kept = await page.evaluate(() => {
    try {
      return String(localStorage.length);
    } catch (error) {
      return error.name;
    }
  });
  check(kept === "SecurityError", `the page can keep something: ${kept}`);
}

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const { page, wrong } = await open(browser, "light");
  check((await page.title()) === "Help desk API", "the page has a title");
  const operations = await checkSections(page);
  await page.screenshot({ path: picture });
  await checkMenu(page);
  await checkSandbox(page);
  check(wrong.length === 0, wrong.join("\n"));
  const colours = (of) => of.evaluate("(({ color, backgroundColor }) => color + backgroundColor)(getComputedStyle(document.body))");
  const dark = await open(browser, "dark");
  check(dark.wrong.length === 0, dark.wrong.join("\n"));
  check((await colours(dark.page)) === (await colours(page)), "the page has its own colours in the dark");
  console.log(`-- The reference page shows ${operations} operations; see ${picture}`);
} finally {
  await browser.close();
}

import { beforeEach, expect, test, vi } from "vitest";
import { loaded, reload } from "./chunk";

const ENTRY = "/assets/base-1.js";
const pageOf = (entry: string) =>
  `<!doctype html><script blocking="render" type="module" crossorigin src="${entry}"></script>`;

const reloads = vi.fn();
const fetches = vi.fn<() => Promise<Response>>();
let kept: Map<string, string>;

beforeEach(() => {
  reloads.mockReset();
  fetches.mockReset().mockImplementation(async () => new Response(pageOf(ENTRY)));
  kept = new Map();
  vi.stubGlobal("fetch", fetches);
  vi.stubGlobal("location", { reload: reloads });
  vi.stubGlobal("document", { querySelector: () => ({ src: `https://desk.example${ENTRY}` }) });
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
});

const gone = async () => {
  throw new TypeError("Failed to fetch dynamically imported module");
};

/** Asks for a file that does not arrive. Returns why, or "" if the page is loaded anew instead. */
async function ask(): Promise<string> {
  let reason = "";
  // The page that is loaded anew never answers.
  void loaded(gone).catch((failure: Error) => (reason = failure.message));
  await vi.waitFor(() => expect(reason !== "" || reloads.mock.calls.length > 0).toBe(true));
  return reason;
}

test("what arrives is used, and nothing else is asked", async () => {
  expect(await loaded(async () => 7)).toBe(7);
  expect(fetches).not.toHaveBeenCalled();
});

test.each<[string, () => Promise<Response>]>([
  ["there is no network", gone],
  ["the help desk is down", async () => new Response("", { status: 503 })],
  ["the same version is served", async () => new Response(pageOf(ENTRY))],
  ["the network asks for a sign-in first", async () => new Response("<h1>Free Wi-Fi</h1>")],
])("the page stays if %s", async (_, answer) => {
  fetches.mockImplementation(answer);
  expect(await ask()).toMatch(/Failed to fetch/);
  expect(reloads).not.toHaveBeenCalled();
});

test("another version is loaded, once", async () => {
  fetches.mockImplementation(async () => new Response(pageOf("/assets/base-2.js")));
  expect(await ask()).toBe("");
  expect(reloads).toHaveBeenCalledTimes(1);
  await expect(loaded(gone)).rejects.toThrow(/Failed to fetch/);
  expect(reloads).toHaveBeenCalledTimes(1);
});

test("a tab that can remember nothing is not reloaded over and over", async () => {
  fetches.mockImplementation(async () => new Response(pageOf("/assets/base-2.js")));
  vi.stubGlobal("sessionStorage", { getItem: () => null, setItem: () => {} });
  expect(await ask()).toMatch(/Failed to fetch/);
  expect(reloads).not.toHaveBeenCalled();
});

test("the page is loaded again on demand, but not while that would lose it", async () => {
  expect(await reload()).toBe(true);
  expect(reloads).toHaveBeenCalledTimes(1);
  for (const answer of [gone, async () => new Response("<h1>Free Wi-Fi</h1>")]) {
    fetches.mockImplementation(answer);
    expect(await reload()).toBe(false);
  }
  expect(reloads).toHaveBeenCalledTimes(1);
});

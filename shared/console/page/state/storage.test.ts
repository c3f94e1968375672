import { expect, test, vi } from "vitest";
import { inBrowser, inTab, parsed } from "./storage";

test("a browser that forbids storage keeps nothing, and stops nothing", () => {
  for (const [name, kept] of [["localStorage", inBrowser], ["sessionStorage", inTab]] as const) {
    const get = () => {
      throw new DOMException("denied", "SecurityError");
    };
    Object.defineProperty(globalThis, name, { configurable: true, get });
    kept.setItem("theme", "dark");
    kept.removeItem("theme");
    expect(kept.getItem("theme")).toBeNull();
  }
});

test("a full browser keeps what it has", () => {
  const full = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  vi.stubGlobal("localStorage", { getItem: () => "light", setItem: full });
  inBrowser.setItem("theme", "dark");
  expect(inBrowser.getItem("theme")).toBe("light");
});

test("a text that is no JSON counts as nothing", () => {
  expect(parsed('{"a":1}')).toEqual({ a: 1 });
  for (const text of [null, "", "null", "{", "undefined"]) expect(parsed(text)).toBeUndefined();
});

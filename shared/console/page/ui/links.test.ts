import { expect, test } from "vitest";
import { partsOf } from "./links";

const hrefsOf = (text: string) => partsOf(text).flatMap(({ href }) => href ?? []);
/** Returns the parts as they are shown, with addresses in brackets. */
const shown = (text: string) => partsOf(text).map(({ text, href }) => (href ? `[${text}]` : text));

test("a web address in a text is a link", () => {
  expect(shown("See https://example.com/a?b=c#d and tell me")).toEqual([
    "See ",
    "[https://example.com/a?b=c#d]",
    " and tell me",
  ]);
  expect(hrefsOf("HTTP://Example.com")).toEqual(["http://example.com/"]);
  expect(hrefsOf("http://10.0.0.7:8080/x\nhttps://wiki/y")).toEqual([
    "http://10.0.0.7:8080/x",
    "https://wiki/y",
  ]);
});

test.each([
  ["https://example.com.", "https://example.com"],
  ["(see https://example.com/a)", "https://example.com/a"],
  ["(https://example.com/a_(b)).", "https://example.com/a_(b)"],
  ["https://example.com/a_(b)", "https://example.com/a_(b)"],
  ["Is it https://example.com/a?!", "https://example.com/a"],
  ["„https://example.com/a“, “https://example.com/b”", "https://example.com/a"],
  ["<https://example.com/a>", "https://example.com/a"],
  ["**https://example.com/a**", "https://example.com/a"],
  ["[link](https://example.com/a)", "https://example.com/a"],
  ["见https://example.com/a。", "https://example.com/a"],
  ["https://example.com/a/", "https://example.com/a/"],
])("the sentence around an address is no part of it: %s", (text, address) => {
  expect(partsOf(text).find(({ href }) => href)?.text).toBe(address);
});

test.each([
  "javascript:alert(1)",
  "JaVaScRiPt://%0aalert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:msgbox",
  "file:///etc/passwd",
  "ftp://example.com",
  "blob:abc",
  "mailto:rita@example.com",
  "//example.com",
  "www.example.com",
  "https://",
  "https:// example.com",
  "https:\\\\example.com",
  "xhttps://example.com",
  "https://[broken",
  "https://exa%00mple.com",
  "https://bank.example@evil.example/",
  "https://bank.example:443@evil.example/",
])("nothing else is a link: %s", (text) => {
  expect(hrefsOf(text)).toEqual([]);
  expect(shown(text)).toEqual([text]);
});

test("what follows another scheme leads nowhere else", () => {
  for (const scheme of ["javascript:", "view-source:", "data:text/html,"]) {
    expect(hrefsOf(`${scheme}https://example.com/`)).toEqual(["https://example.com/"]);
  }
});

test("markup is no part of an address", () => {
  const text = `https://example.com/"onmouseover="alert(1)"><script>alert(1)</script>`;
  expect(shown(text)).toEqual([
    "[https://example.com/]",
    `"onmouseover="alert(1)"><script>alert(1)</script>`,
  ]);
});

/** Overrides, isolates, marks, and what takes no place. */
const UNSEEN = ["\u202e", "\u202d", "\u2066", "\u2069", "\u200f", "\u200b", "\u0000", "\ufeff"];

test.each(UNSEEN)(
  "an address ends before what is invisible or turns it: %j",
  (control) => {
    expect(shown(`${control}https://example.com/${control}gpj.exe`)).toEqual([
      control,
      "[https://example.com/]",
      `${control}gpj.exe`,
    ]);
  },
);

test("the parts together are the text, whatever it is", () => {
  const marks = ["(", ")", ".", "@", "<", "%", "\\", " ", "\n", "é", "😀", "\u202e", "\ud800"];
  const pieces = ["https://", "http://a.example/", ...marks];
  let seed = 7;
  const next = () => (seed = (seed * 16807) % 2147483647);
  for (let round = 0; round < 2_000; round += 1) {
    const text = Array.from({ length: next() % 12 }, () => pieces[next() % pieces.length]).join("");
    const parts = partsOf(text);
    expect(parts.map((part) => part.text).join("")).toBe(text);
    for (const { href } of parts) if (href) expect(href).toMatch(/^https?:\/\/[^@]/);
  }
});

test("a long text takes no long time", () => {
  const started = performance.now();
  for (const piece of ["https://a.example/(", "https://a/)))", "https:", "http://"]) {
    partsOf(piece.repeat(10_000));
    partsOf(`https://a.example/${piece.at(-1)!.repeat(100_000)}`);
  }
  expect(performance.now() - started).toBeLessThan(2_000);
});

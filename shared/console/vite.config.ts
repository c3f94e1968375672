import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin, Rolldown } from "vite";
import { defineConfig } from "vitest/config";

/** The kinds of files that become smaller when they are compressed. */
const COMPRESSIBLE = /\.(js|css|svg|txt)$/;

/** Writes each hashed asset compressed beside itself, so that the function compresses nothing. */
function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    writeBundle({ dir }) {
      const assets = join(dir!, "assets");
      for (const file of readdirSync(assets).filter((name) => COMPRESSIBLE.test(name))) {
        const bytes = readFileSync(join(assets, file));
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(join(assets, `${file}.br`), brotliCompressSync(bytes, { params }));
        writeFileSync(join(assets, `${file}.gz`), gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

/** Lets the browser paint nothing before the script has set the theme, so that no page flashes. */
function paintedOnce(): Plugin {
  return {
    name: "painted-once",
    transformIndexHtml: {
      order: "post",
      handler: (html) => html.replace("<script ", '<script blocking="render" '),
    },
  };
}

const PAGES = /\/page\/pages\/(\w+)\//;
const KIT = /\/page\/(ui|state)\//;
/**
 * What is loaded together. Each file is a request of its own to a function, so there are few: what
 * all pages need, what most need, what forms need, and one for each folder of pages. All styles are
 * one file.
 */
const CHUNKS: Rolldown.CodeSplittingGroup[] = [
  { name: "base", tags: ["$initial"] },
  { name: "ui", test: KIT, minShareCount: 6 },
  { name: "forms", test: KIT, minShareCount: 2 },
  { name: (id) => PAGES.exec(id)![1]!, test: PAGES, minShareCount: 2 },
];

export default defineConfig({
  root: "page",
  cacheDir: "../node_modules/.vite",
  plugins: [svelte({ configFile: "../svelte.config.js" }), precompressed(), paintedOnce()],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    // The policy of the page allows no `data:` address for a script or a style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    rolldownOptions: { output: { codeSplitting: { groups: CHUNKS } } },
  },
  server: {
    // For work on the page alone: `HELP_DESK=<address that cargo local printed> npm run dev`.
    proxy: { "/v1": { target: process.env.HELP_DESK ?? "http://127.0.0.1:9000" } },
  },
  test: { environment: "node", include: ["**/*.test.ts"] },
});
